-- SPDX-License-Identifier: MIT
-- What the bench runs in Lua. `scale` is 1. Output must not depend on addresses: no order of pairs.

local function fib(i)
  if i < 2 then return i end
  return fib(i - 1) + fib(i - 2)
end

local function queens(size)
  local columns, up, down, solutions = {}, {}, {}, 0
  local function place(row)
    if row > size then
      solutions = solutions + 1
      return
    end
    for column = 1, size do
      if not (columns[column] or up[row + column] or down[row - column]) then
        columns[column], up[row + column], down[row - column] = true, true, true
        place(row + 1)
        columns[column], up[row + column], down[row - column] = nil, nil, nil
      end
    end
  end
  place(1)
  return solutions
end

local function sieve(limit)
  local composite, count = {}, 0
  for i = 2, limit do
    if not composite[i] then
      count = count + 1
      for multiple = i * i, limit, i do composite[multiple] = true end
    end
  end
  return count
end

-- Objects with a metatable, and closures as accessors.
local Account = {}
Account.__index = Account

function Account.new(owner)
  return setmetatable({owner = owner, balance = 0}, Account)
end

function Account:deposit(amount) self.balance = self.balance + amount end

local function accounts(rounds)
  local all = {}
  for i = 1, 16 do all[i] = Account.new("owner " .. i) end
  local reward = function(percent)
    return function(account) account:deposit(account.balance * percent // 100) end
  end
  local good, bad = reward(3), reward(-2)
  for round = 1, rounds do
    local account = all[round % #all + 1]
    account:deposit(round)
    if round % 3 == 0 then good(account) else bad(account) end
  end
  local sum = 0
  for _, account in ipairs(all) do sum = sum + account.balance end
  return sum
end

local function words(count)
  local seed, text = 42, {}
  for i = 1, count do
    seed = (seed * 1103515245 + 12345) % 2147483648
    text[i] = string.format("w%x", seed // 65536 % 97)
  end
  local joined, seen = table.concat(text, " "), {}
  for word in joined:gmatch("%w+") do seen[word] = (seen[word] or 0) + 1 end
  local list = {}
  for word in pairs(seen) do list[#list + 1] = word end
  table.sort(list, function(a, b)
    if seen[a] ~= seen[b] then return seen[a] > seen[b] end
    return a < b
  end)
  local shout = joined:sub(1, 2000):gsub("w(%x)", function(digit) return "<" .. digit:upper() .. ">" end)
  return #joined, list[1], seen[list[1]], list[#list], #shout, joined:find("w5f w", 1, true)
end

local function spectral(size)
  local u, v = {}, {}
  for i = 1, size do u[i] = 1.0 end
  local function a(i, j)
    local sum = i + j
    return 1.0 / ((sum - 2) * (sum - 1) / 2 + i)
  end
  local function multiply(from, to, transposed)
    for i = 1, size do
      local sum = 0.0
      for j = 1, size do sum = sum + (transposed and a(j, i) or a(i, j)) * from[j] end
      to[i] = sum
    end
  end
  for _ = 1, 3 do
    multiply(u, v, false)
    multiply(v, u, true)
  end
  local uv, vv = 0.0, 0.0
  multiply(u, v, false)
  for i = 1, size do uv, vv = uv + u[i] * u[i], vv + v[i] * v[i] end
  return string.format("%.10f", math.sqrt(vv / uv))
end

print("fib", fib(20 * scale))
print("queens", queens(6 * scale))
print("sieve", sieve(20000 * scale))
print("accounts", accounts(20000 * scale))
print("words", words(3000 * scale))
print("spectral", spectral(30 * scale))
