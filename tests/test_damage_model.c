/* The weights of the 15-unit network: every byte of the file with a bit at its
   lowest, its highest or every place changed. A program of its own, for it
   takes the longest. */
#include "support/damage.h"
#include "support/networks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void every_byte_of_the_15_unit_network(void **state)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xff};
    const char *made = temporary_path(*state, "made");
    size_t length;
    mnist_network *net =
        make_network("dense:15:relu,dense:10:softmax", 28, 28, 1, 1);
    assert_int_equal(mnist_weights_save(net, made, NULL, 0, NULL), MNIST_OK);
    mnist_network_free(net);
    uint8_t *bytes = temporary_read(made, &length);
    assert_in_range(length, 47740, 50000);

    damage d = {.count = {.name = "damage-model"},
                .read = damage_read_weights,
                .refusal = MNIST_ERROR_WEIGHTS,
                .stride = tally_stride("damage-model", 29)};
    damage_begin(&d, *state, "weights", bytes, length);
    damage_bytes(&d, 0, length, changes, sizeof changes);
    damage_end(&d);
    free(bytes);
    damage_report(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_byte_of_the_15_unit_network,
                                        temporary_setup, temporary_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
