/* SPDX-License-Identifier: MIT */
/* Lua: compiles and runs workload.lua, whose output is the checksum. */
#include <stdlib.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#include "../programs/bench.h"
#include "libc.h"

static const char workload[] = {
#embed "workload.lua"
};

static const luaL_Reg libraries[] = {
    {LUA_GNAME, luaopen_base},
    {LUA_TABLIBNAME, luaopen_table},
    {LUA_STRLIBNAME, luaopen_string},
    {LUA_MATHLIBNAME, luaopen_math},
};

BENCH(lua) {
    libc_start();
    lua_State *lua = luaL_newstate();
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
        lua_pop(lua, 1);
    }
    lua_pushinteger(lua, n);
    lua_setglobal(lua, "scale");
    if (luaL_loadbuffer(lua, workload, sizeof workload, "workload") != LUA_OK) {
        abort();
    }
    lua_call(lua, 0, 0);
    lua_close(lua);
    return libc_output();
}
