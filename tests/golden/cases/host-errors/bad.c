#include <ingot/host.h>

// A comment that speaks of INGOT_HOST("x", "y", void, z) declares nothing.
INGOT_HOST("sensör", "read", int32_t, sensor_read, uint32_t channel) {
    return (int32_t)channel;
}
INGOT_HOST("sensor", "name", const char *, sensor_name) {
    return "x";
}
INGOT_HOST("sensor", "off", void, sensor_off, unsigned channel) {}
INGOT_HOST("wasi_snapshot_preview1", "proc_exit", void, my_exit, int32_t code) {}
INGOT_HOST("sensor", "many", void, sensor_many, int32_t a, int32_t b, int32_t c, int32_t d,
           int32_t e, int32_t f, int32_t g, int32_t h, int32_t i, int32_t j, int32_t k, int32_t l,
           int32_t m) {}
