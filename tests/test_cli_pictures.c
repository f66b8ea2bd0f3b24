/* predict and show of a person's own pictures, and of several files at once. */
#include "support/json.h"
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist/picture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, SIZE = SIDE * SIDE, LARGE = 200 };

/* Test image i, as the network takes it. */
static void take_digit(uint8_t pixels[SIZE], temporary *t, size_t i)
{
    size_t length;
    uint8_t *images =
        temporary_read(temporary_path(t, DATA_TEST_IMAGES), &length);
    memcpy(pixels, images + 16 + SIZE * i, SIZE);
    free(images);
}

static void write_picture(temporary *t, const char *name, size_t side,
                          const uint8_t *pixels)
{
    assert_int_equal(
        mnist_picture_write(temporary_path(t, name), side, side, pixels, NULL),
        MNIST_OK);
}

/* Five times as large, black on white, away from the middle: as people draw. */
static void write_drawing(temporary *t, const char *name,
                          const uint8_t pixels[SIZE])
{
    static uint8_t large[LARGE * LARGE];
    memset(large, 255, sizeof large);
    for (size_t i = 0; i < 25 * SIZE; i++) {
        size_t y = i / (5 * SIDE), x = i % (5 * SIDE);
        large[(y + 55) * LARGE + x + 3] =
            (uint8_t)(255 - pixels[y / 5 * SIDE + x / 5]);
    }
    write_picture(t, name, LARGE, large);
}

static size_t label_of(const char *line)
{
    size_t label;
    const char *tab = strrchr(line, '\t');
    while (tab > line && tab[-1] != '\t')
        tab--;
    assert_int_equal(sscanf(tab, "%zu", &label), 1);
    return label;
}

/* Of a line of JSON what follows the image's number. */
static const char *prediction(const char *line)
{
    const char *label = strstr(line, "\"label\"");
    assert_non_null(label);
    return label;
}

/* ---- One picture ---- */

/* The same picture from IDX, as a picture, black on white, and on standard
   input: one answer. */
static void test_picture_as_it_is(void **state)
{
    temporary *t = *state;
    program idx = {.folder = temporary_folder(t)}, p = idx, piped = idx;
    uint8_t pixels[SIZE];
    size_t length;
    take_digit(pixels, t, 0);
    write_picture(t, "same.png", SIDE, pixels);
    RUN(&idx, "predict", DATA_TEST_IMAGES, "-n0", "--json");
    RUN(&p, "predict", "same.png", "--json");
    assert_string_equal(p.out, idx.out);
    assert_string_equal(p.err, "");
    program_forget(&p);
    char *png = temporary_read(temporary_path(t, "same.png"), &length);
    piped.input = png;
    piped.input_length = length;
    RUN(&piped, "predict", "-", "--json");
    assert_string_equal(piped.out, idx.out);
    free(png);
    for (size_t i = 0; i < SIZE; i++)
        pixels[i] = (uint8_t)(255 - pixels[i]);
    write_picture(t, "white.png", SIDE, pixels);
    RUN(&p, "predict", "white.png", "--json");
    assert_string_equal(p.out, idx.out);
    assert_string_equal(p.err, "mnist: white.png: black on white, so inverted "
                               "(--no-invert leaves it)\n");
    program_forget(&p);
    RUN(&p, "predict", "white.png", "--json", "--no-invert");
    assert_int_not_equal(strcmp(p.out, idx.out), 0);
    assert_string_equal(p.err, "");
    program_forget(&p);
    RUN(&p, "predict", "white.png", "--json", "--invert");
    assert_string_equal(p.out, idx.out);
    assert_string_equal(p.err, "");
    program_forget(&p);
    program_forget(&idx);
    program_forget(&piped);
}

/* Drawings of all test images are read as well as the images, nearly. */
static void test_drawings(void **state)
{
    temporary *t = *state;
    size_t right = 0, count = 30;
    program idx = {.folder = temporary_folder(t)};
    RUN(&idx, "predict", DATA_TEST_IMAGES);
    const char *line = idx.out;
    for (size_t i = 0; i < count; i++) {
        uint8_t pixels[SIZE];
        program p = {.folder = temporary_folder(t)};
        take_digit(pixels, t, i);
        write_drawing(t, "drawn.png", pixels);
        RUN(&p, "predict", "drawn.png");
        assert_int_equal(p.status, 0);
        assert_non_null(strstr(p.err, "black on white, so inverted; brought "
                                      "from 200x200 to MNIST's form, 28x28"));
        char first[64];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(line, "\n"), line);
        right += label_of(p.out) == label_of(first);
        line = strchr(line, '\n') + 1;
        program_forget(&p);
    }
    /* Synthetic digits are not in MNIST's box, so some do change. */
    assert_true(right >= count * 8 / 10);
    program_forget(&idx);
}

static void test_options_of_form(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)}, q = p;
    uint8_t pixels[SIZE];
    take_digit(pixels, t, 1);
    write_drawing(t, "drawn.png", pixels);
    RUN(&p, "predict", "drawn.png", "--quiet");
    assert_string_equal(p.err, "");
    program_forget(&p);
    RUN(&p, "predict", "drawn.png", "--no-preprocess");
    REFUSED(&p, 4, "drawn.png holds images of 200x200", "--no-preprocess");
    program_forget(&p);
    /* Asked for, it is done to a picture of the right size, and to IDX. */
    RUN(&p, "predict", DATA_TEST_IMAGES, "-n1", "--json", "--preprocess");
    write_picture(t, "same.png", SIDE, pixels);
    RUN(&q, "predict", "same.png", "--json", "--preprocess");
    assert_string_equal(prediction(p.out), prediction(q.out));
    assert_string_equal(p.err, "");
    assert_non_null(strstr(q.err, "brought from 28x28 to MNIST's form"));
    program_forget(&p);
    program_forget(&q);
}

/* Twice is as if it had not been done. */
static void test_transpose(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)}, q = p;
    uint8_t pixels[SIZE], turned[SIZE];
    take_digit(pixels, t, 2);
    for (size_t i = 0; i < SIZE; i++)
        turned[i % SIDE * SIDE + i / SIDE] = pixels[i];
    write_picture(t, "turned.png", SIDE, turned);
    RUN(&p, "predict", "turned.png", "--transpose", "--json");
    RUN(&q, "predict", DATA_TEST_IMAGES, "-n2", "--json");
    assert_string_equal(prediction(p.out), prediction(q.out));
    program_forget(&p);
    program_forget(&q);
    RUN(&p, "show", "turned.png", "--transpose");
    RUN(&q, "show", DATA_TEST_IMAGES, "-n2");
    assert_int_equal(strncmp(p.out, q.out, strlen(p.out)), 0);
    program_forget(&p);
    program_forget(&q);
}

/* Without a network there is nothing to bring a picture to, unless asked. */
static void test_show(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    uint8_t pixels[SIZE];
    take_digit(pixels, t, 3);
    write_drawing(t, "drawn.png", pixels);
    RUN(&p, "show", "drawn.png");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    assert_int_equal(strncmp(p.out, "@@@@", 4), 0); /* white paper */
    program_forget(&p);
    RUN(&p, "show", "drawn.png", "--preprocess");
    assert_int_equal(strncmp(p.out, "    ", 4), 0);
    assert_non_null(strstr(p.err, "brought from 200x200"));
    program_forget(&p);
}

/* ---- Several files ---- */

static void test_several(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    uint8_t pixels[SIZE];
    take_digit(pixels, t, 0);
    write_picture(t, "a\tb\x1b.png", SIDE, pixels);
    write_drawing(t, "drawn.png", pixels);
    RUN(&p, "predict", "a\tb\x1b.png", DATA_TEST_IMAGES, "drawn.png");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.out), 1 + TRAINED_TEST + 1);
    assert_int_equal(strncmp(p.out, "a\\x09b\\x1b.png\t0\t", 17), 0);
    assert_non_null(strstr(p.out, "\n" DATA_TEST_IMAGES "\t99\t"));
    assert_non_null(strstr(p.out, "\ndrawn.png\t0\t"));
    assert_string_equal(p.err, "mnist: of 2 pictures 1 black on white, so "
                               "inverted; 1 brought to MNIST's form, 28x28 "
                               "(--no-invert leaves them)\n");
    program_forget(&p);
    RUN(&p, "predict", "a\tb\x1b.png", DATA_TEST_IMAGES, "--json", "-n0");
    assert_true(json_lines_are_valid(p.out));
    assert_int_equal(count_lines(p.out), 2);
    assert_non_null(strstr(p.out, "\"file\":\"a\\u0009b"));
    assert_non_null(strstr(p.out, "\"file\":\"" DATA_TEST_IMAGES "\""));
    program_forget(&p);
    RUN(&p, "predict", "drawn.png", DATA_TEST_IMAGES, "--show", "-n0");
    assert_non_null(strstr(p.out, "\ndrawn.png: "));
    assert_non_null(strstr(p.out, "\n" DATA_TEST_IMAGES " image 0: "));
    program_forget(&p);
}

/* The others are told, and the first failure is the end's status. */
static void test_a_bad_one_among_them(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    uint8_t pixels[SIZE];
    take_digit(pixels, t, 0);
    write_picture(t, "a.png", SIDE, pixels);
    temporary_write(t, "bad.png", "\x89PNG\r\n\x1a\n", 8);
    RUN(&p, "predict", "bad.png", "a.png", "nowhere.png", "a.png");
    assert_int_equal(p.status, 3);
    assert_int_equal(count_lines(p.out), 2);
    assert_int_equal(count_lines(p.err), 2);
    assert_non_null(strstr(p.err, "mnist: bad.png: byte 8: the PNG file"));
    assert_non_null(strstr(p.err, "mnist: nowhere.png: cannot open"));
    program_forget(&p);
}

/* ---- IDX that is turned ---- */

/* A network trained on turned images knows turned images. */
static void test_train_and_eval(void **state)
{
    temporary *t = *state;
    program plain = {.folder = temporary_folder(t)}, p = plain;
    RUN_WELL(t, "train", "--data", "data", "-q", "--net", TRAINED_NET, "--lr",
             "0.005", "--out", "turned", "--transpose");
    RUN(&plain, "eval", "turned", "--data", "data", "--json");
    RUN(&p, "eval", "turned", "--data", "data", "--transpose", "--json");
    assert_true(json_number(p.out, "accuracy") >
                json_number(plain.out, "accuracy") + 0.2);
    assert_string_equal(plain.err, "mnist: the network was trained with "
                                   "--transpose; files like those need it "
                                   "here, too\n");
    assert_string_equal(p.err, "");
    program_forget(&plain);
    program_forget(&p);
    RUN(&plain, "predict", DATA_TEST_IMAGES, "-n0", "-wturned");
    RUN(&p, "predict", DATA_TEST_IMAGES, "-n0", "-wturned", "-q");
    assert_non_null(strstr(plain.err, "trained with --transpose; files"));
    assert_string_equal(p.err, "");
    program_forget(&plain);
    program_forget(&p);
    RUN(&p, "info", "turned");
    assert_non_null(strstr(p.out, "  transpose         yes\n"));
    assert_null(strstr(p.out, "  invert "));
    program_forget(&p);
    RUN_WELL(t, "train", "--data", "data", "-q", "--net", TRAINED_NET, "--lr",
             "0.005", "--out", "inverted", "--invert");
    RUN(&plain, "eval", "inverted", "--data", "data", "--json");
    RUN(&p, "eval", "inverted", "--data", "data", "--invert", "--json");
    assert_true(json_number(p.out, "cross_entropy") <
                json_number(plain.out, "cross_entropy"));
    program_forget(&plain);
    program_forget(&p);
    RUN(&p, "info", "inverted");
    assert_non_null(strstr(p.out, "  invert            yes\n"));
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picture_as_it_is),
        cmocka_unit_test(test_drawings),
        cmocka_unit_test(test_options_of_form),
        cmocka_unit_test(test_transpose),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_a_bad_one_among_them),
        cmocka_unit_test(test_train_and_eval),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
