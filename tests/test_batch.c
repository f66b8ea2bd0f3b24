#include <mnist/batch.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static mnist_error err;

static mnist_dataset dataset_of(size_t count)
{
    static const uint8_t pixels[1];
    return (mnist_dataset){
        .count = count, .rows = 1, .cols = 1, .pixels = pixels};
}

/* Walks the epoch and writes its order to `order`; checks each batch. */
static void walk(mnist_batches *batches, const mnist_dataset *from, size_t size,
                 uint32_t *order)
{
    size_t seen = 0, steps = 0;
    mnist_batch batch;
    while (mnist_batches_next(batches, &batch)) {
        size_t left = from->count - seen;
        assert_ptr_equal(batch.from, from);
        assert_int_equal(batch.count, left < size ? left : size);
        memcpy(order + seen, batch.index, batch.count * sizeof *order);
        seen += batch.count;
        steps++;
    }
    assert_int_equal(seen, from->count);
    assert_int_equal(steps, mnist_batches_steps(batches));
    assert_int_equal(mnist_batches_next(batches, &batch), 0);
    assert_int_equal(batch.count, 0);
}

static void expect_each_once(const uint32_t *order, size_t count)
{
    uint8_t *seen = calloc(count, 1);
    assert_non_null(seen);
    for (size_t i = 0; i < count; i++) {
        assert_true(order[i] < count);
        assert_int_equal(seen[order[i]], 0);
        seen[order[i]] = 1;
    }
    free(seen);
}

static mnist_batches *new_batches(const mnist_dataset *from, size_t size,
                                  int shuffle, uint64_t seed)
{
    mnist_batches *batches;
    assert_int_equal(
        mnist_batches_new(&batches, from, size, shuffle, seed, &err), MNIST_OK);
    return batches;
}

static void test_each_image_once(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 127, 128, 129, 1000};
    static const size_t sizes[] = {1, 3, 128, 1000, 5000, SIZE_MAX};
    uint32_t order[1000];
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++) {
            mnist_dataset data = dataset_of(counts[i]);
            mnist_batches *batches = new_batches(&data, sizes[j], 1, 7);
            for (uint64_t epoch = 0; epoch < 3; epoch++) {
                mnist_batches_start(batches, epoch);
                walk(batches, &data, sizes[j], order);
                expect_each_once(order, data.count);
            }
            mnist_batches_free(batches);
        }
}

static void test_steps(void **state)
{
    (void)state;
    mnist_dataset data = dataset_of(60000);
    mnist_batches *batches = new_batches(&data, 128, 1, 0);
    assert_int_equal(mnist_batches_steps(batches), 469);
    mnist_batches_free(batches);
    batches = new_batches(&data, 100, 1, 0);
    assert_int_equal(mnist_batches_steps(batches), 600);
    mnist_batches_free(batches);
}

static void test_without_shuffle(void **state)
{
    (void)state;
    mnist_dataset data = dataset_of(100);
    mnist_batches *batches = new_batches(&data, 30, 0, 7);
    uint32_t order[100];
    for (uint64_t epoch = 0; epoch < 2; epoch++) {
        mnist_batches_start(batches, epoch);
        walk(batches, &data, 30, order);
        for (uint32_t i = 0; i < 100; i++)
            assert_int_equal(order[i], i);
    }
    mnist_batches_free(batches);
}

/* Whatever was walked before, in batches of whatever size. */
static void test_order_is_of_seed_and_epoch(void **state)
{
    (void)state;
    mnist_dataset data = dataset_of(500);
    uint32_t expected[500], order[500];
    mnist_batches *a = new_batches(&data, 128, 1, 7);
    mnist_batches *b = new_batches(&data, 33, 1, 7);
    mnist_batch batch;
    walk(a, &data, 128, expected); /* stands at epoch 0 from the start */
    mnist_batches_start(b, 9);
    mnist_batches_next(b, &batch);
    mnist_batches_start(b, 0); /* and back, from within an epoch */
    walk(b, &data, 33, order);
    assert_memory_equal(order, expected, sizeof order);

    mnist_batches_start(a, 9);
    walk(a, &data, 128, order);
    assert_memory_not_equal(order, expected, sizeof order);
    memcpy(expected, order, sizeof order);
    mnist_batches_start(b, 9);
    walk(b, &data, 33, order);
    assert_memory_equal(order, expected, sizeof order);

    mnist_batches *c = new_batches(&data, 128, 1, 8);
    mnist_batches_start(c, 9);
    walk(c, &data, 128, order);
    assert_memory_not_equal(order, expected, sizeof order);
    mnist_batches_free(a);
    mnist_batches_free(b);
    mnist_batches_free(c);
}

static void test_refused(void **state)
{
    (void)state;
    mnist_batches *batches = NULL;
    mnist_dataset data = dataset_of(10);
    assert_int_equal(mnist_batches_new(&batches, &data, 0, 1, 0, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_string_equal(err.message, "batch size 0, expected at least 1");
    if (SIZE_MAX > UINT32_MAX) {
        data.count = (size_t)UINT32_MAX + 1;
        assert_int_equal(mnist_batches_new(&batches, &data, 1, 1, 0, &err),
                         MNIST_ERROR_ARGUMENT);
    }
    assert_null(batches);
    mnist_batches_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_image_once),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_without_shuffle),
        cmocka_unit_test(test_order_is_of_seed_and_epoch),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
