#include <ingot/host.h>

INGOT_HOST("here", "file", int32_t, here_file) {
    if (__FILE__[0] == '/') {
        ingot_trap(caller, __FILE__);
    }
    return 0;
}
