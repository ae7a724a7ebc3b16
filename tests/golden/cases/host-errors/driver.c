#include <ingot/host.h>

INGOT_HOST("sensor", "read", int32_t, sensor_read, uint32_t channel) {
    return (int32_t)channel;
}
INGOT_HOST("other", "f", void, other_f) {}
