#include <ingot/host.h>

INGOT_HOST("sensor", "read", int32_t, sensor_read) {
    return missing;
}
