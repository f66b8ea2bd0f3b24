/* The curves of a report: what is drawn where. */
#include "pages/curve.h"

#include "support/markup.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const mnist_curve loss = {
    .id = "c", .title = "Loss", .unit = "", .test = NAN};

/* The drawing; the caller frees it. */
static char *draw(mnist_curve curve, const mnist_curve_point *points,
                  size_t count)
{
    mnist_html html = {0};
    curve.points = points;
    curve.count = count;
    mnist_curve_write(&html, &curve);
    mnist_buffer_byte(&html, '\0');
    assert_false(html.failed);
    char *text = (char *)html.bytes;
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
    return text;
}

/* The coordinates of a path or polygon of that class: x, y, x, y ... */
static size_t read_points(const char *svg, const char *start, double *out,
                          size_t room)
{
    size_t count = 0;
    const char *at = strstr(svg, start);
    if (!at)
        return 0;
    at += strlen(start);
    while (*at != '"' && count < room) {
        char *end;
        at += strspn(at, "ML, ");
        out[count] = strtod(at, &end);
        count += end != at;
        at = end;
        at += strspn(at, ", ");
    }
    return count;
}

#define PATH(kind) "<path class=\"" kind "\" d=\""
#define GAP        "<polygon class=\"gap\" points=\""

/* More is higher, later is further right, all of it in the picture. */
static void test_line(void **state)
{
    const mnist_curve_point points[] = {
        {1, 2.0, NAN}, {2, 1.0, NAN}, {3, 0.5, NAN}};
    double at[8];
    (void)state;
    char *svg = draw(loss, points, 3);
    assert_int_equal(read_points(svg, PATH("training"), at, 8), 6);
    assert_true(at[0] < at[2] && at[2] < at[4]);
    assert_true(at[1] < at[3] && at[3] < at[5]);
    /* Steps of one epoch are as wide, halves as high. */
    assert_true(fabs((at[4] - at[2]) - (at[2] - at[0])) < 0.11);
    assert_true(fabs((at[3] - at[1]) - 2 * (at[5] - at[3])) < 0.21);
    for (size_t i = 0; i < 6; i++)
        assert_true(at[i] > 0 && at[i] < (i % 2 ? 228 : 360));
    assert_int_equal(count_text(svg, "<circle class=\"training\""), 3);
    assert_null(strstr(svg, "validation"));
    assert_null(strstr(svg, GAP));
    free(svg);
}

/* Shaded only where validation is worse: from where the curves cross. */
static void test_gap(void **state)
{
    const mnist_curve_point points[] = {
        {1, 1.0, 0.5}, {2, 0.5, 1.0}, {3, 0.4, 1.0}, {4, 1.0, 0.8}};
    double at[8], training[8];
    (void)state;
    char *svg = draw(loss, points, 4);
    assert_int_equal(count_text(svg, GAP), 3);
    assert_int_equal(read_points(svg, GAP, at, 8), 8);
    assert_int_equal(read_points(svg, PATH("training"), training, 8), 8);
    /* They cross in the middle between epochs 1 and 2, at 0.75. */
    assert_true(fabs(at[0] - (training[0] + training[2]) / 2) < 0.11);
    assert_true(fabs(at[1] - (training[1] + training[3]) / 2) < 0.11);
    assert_true(at[0] == at[6] && at[1] == at[7]);
    assert_true(at[2] == training[2] && at[3] == training[3]);
    free(svg);
}

/* Of accuracy, where more is better, it is the other way round. */
static void test_gap_of_accuracy(void **state)
{
    const mnist_curve_point points[] = {{1, 90, 95}, {2, 92, 96}};
    mnist_curve accuracy = loss;
    (void)state;
    accuracy.rises = true;
    char *svg = draw(accuracy, points, 2);
    assert_int_equal(count_text(svg, GAP), 0);
    free(svg);
    svg = draw(loss, points, 2);
    assert_int_equal(count_text(svg, GAP), 1);
    free(svg);
}

/* A validation loss may overflow while the training goes on. */
static void test_no_number(void **state)
{
    const mnist_curve_point points[] = {
        {1, 1, 2}, {2, 1, INFINITY}, {3, 1, NAN}, {4, 0.5, 1}, {5, 0.4, 1}};
    (void)state;
    char *svg = draw(loss, points, 5);
    const char *path = strstr(svg, PATH("validation"));
    assert_non_null(path);
    path += strlen(PATH("validation"));
    size_t length = strcspn(path, "\"");
    size_t moves = 0;
    for (size_t i = 0; i < length; i++)
        moves += path[i] == 'M';
    assert_int_equal(moves, 2);
    assert_int_equal(count_text(svg, "<rect class=\"validation\""), 3);
    assert_int_equal(count_text(svg, GAP), 1);
    free(svg);
    const mnist_curve_point none[] = {{1, NAN, NAN}, {2, INFINITY, NAN}};
    free(draw(loss, none, 2));
}

/* Curves without a range, of one epoch, of tiny and of huge numbers. */
static void test_ranges(void **state)
{
    static const double values[] = {0, 1e-9, 0.5, 1, 97.5, 1e6, 1e30};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        mnist_curve_point points[400];
        for (size_t k = 0; k < 400; k++)
            points[k] = (mnist_curve_point){k + 1, values[i], values[i]};
        for (size_t count = 1; count <= 400; count += count < 3 ? 1 : 397) {
            double at[2];
            char *svg = draw(loss, points, count);
            assert_int_equal(read_points(svg, PATH("training"), at, 2), 2);
            assert_true(at[0] >= 46 && at[0] <= 346);
            assert_true(at[1] >= 12 && at[1] <= 190);
            size_t lines = count_text(svg, "class=\"grid\"");
            assert_true(lines >= 2 && lines <= 9);
            assert_true(count_text(svg, "class=\"middle\"") <= 12);
            free(svg);
        }
    }
}

static void test_marks(void **state)
{
    const mnist_curve_point points[] = {{4, 1, 2}, {5, 1, 3}, {6, 0.5, 4}};
    mnist_curve curve = loss;
    (void)state;
    curve.test = 0.7;
    curve.best = 5;
    char *svg = draw(curve, points, 3);
    double test[8], training[8];
    assert_non_null(strstr(svg, "<line class=\"best\""));
    assert_int_equal(
        read_points(svg, "<polygon class=\"test\" points=\"", test, 8), 8);
    assert_int_equal(read_points(svg, PATH("training"), training, 8), 6);
    /* Beside the best epoch, between the values of epochs 1 and 3. */
    assert_true(test[0] > training[2] && test[0] < training[2] + 20);
    assert_true((test[1] + test[5]) / 2 > training[3]);
    assert_true((test[1] + test[5]) / 2 < training[5]);
    assert_non_null(strstr(svg, "Training: 1.0"));
    assert_non_null(strstr(svg, "after epoch 4, 0.5"));
    assert_non_null(strstr(svg, "Test: 0.7"));
    free(svg);
    curve.best = 0;
    svg = draw(curve, points, 3);
    assert_null(strstr(svg, "class=\"best\""));
    free(svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_gap_of_accuracy),
        cmocka_unit_test(test_no_number),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
