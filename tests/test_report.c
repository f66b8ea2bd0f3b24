/* Reports as the library writes them: of any network, with whatever is missing,
   and with text that is not to be trusted. */
#include <mnist/report.h>

#include "support/markup.h"
#include "support/networks.h"
#include "support/png_read.h"
#include "support/temporary.h"

#include <mnist/loss.h>

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A network, images and what it makes of them. It stays where it is. */
typedef struct judged {
    mnist_network *net;
    mnist_dataset data;
    size_t *confusion;
    float *probabilities;
    mnist_report_mistake mistakes[8];
    mnist_report report;
} judged;

static void judge(judged *j, const char *line, size_t rows, size_t cols,
                  size_t classes, size_t images)
{
    mnist_workspace *ws;
    mnist_error err;
    *j = (judged){.net = make_network(line, rows, cols, 255, 3),
                  .data = make_dataset(images, rows, cols, classes, 5)};
    j->confusion = calloc(classes * classes, sizeof *j->confusion);
    j->probabilities = calloc(images * classes, sizeof *j->probabilities);
    assert_int_equal(mnist_workspace_new(&ws, j->net, images, 1, 0, &err), 0);
    mnist_report *r = &j->report;
    assert_int_equal(
        mnist_evaluate(ws, &j->data, &r->figures, j->confusion, &err), 0);
    assert_int_equal(
        mnist_predict(ws, &j->data, 0, images, j->probabilities, &err), 0);
    mnist_workspace_free(ws);
    for (size_t i = 0; i < images && r->mistake_count < 8; i++) {
        const float *p = j->probabilities + i * classes;
        if (mnist_argmax(p, classes) != j->data.labels[i])
            j->mistakes[r->mistake_count++] = (mnist_report_mistake){i, p};
    }
    r->title = "net.safetensors";
    r->net = j->net;
    r->without_epochs = "no epochs here";
    r->without_data = "no data here";
    r->data = &j->data;
    r->confusion = j->confusion;
    r->mistakes = j->mistakes;
}

static void forget(judged *j)
{
    mnist_network_free(j->net);
    release_dataset(&j->data);
    free(j->probabilities);
    free(j->confusion);
}

/* The page, which is checked; the caller frees it. */
static char *write(temporary *t, const mnist_report *report)
{
    mnist_error err;
    size_t length;
    const char *path = temporary_path(t, "report.html");
    if (mnist_report_write(report, path, &err))
        fail_msg("%s", err.message);
    char *page = temporary_read(path, &length);
    assert_int_equal(strlen(page), length);
    assert_whole_page(page);
    return page;
}

#define MLP "dense:50:relu,dense:10:softmax"

static void test_all_of_it(void **state)
{
    temporary *t = *state;
    judged j;
    judge(&j, MLP, 12, 9, 10, 60);
    mnist_progress epochs[2] = {{.epoch = 1, .loss = 2, .accuracy = 0.25},
                                {.epoch = 2, .loss = 1, .accuracy = 0.5}};
    const mnist_report_fact facts[] = {{"Seed", "7", "where it began"},
                                       {"Batch", "128", NULL}};
    j.report.epochs = epochs;
    j.report.epoch_count = 2;
    j.report.facts = facts;
    j.report.fact_count = 2;
    j.report.notice = "It was stopped.";
    j.report.without_validation = "No validation here.";
    char *page = write(t, &j.report);
    const mnist_evaluation *e = &j.report.figures;
    assert_true(fabs(markup_figure(page, "accuracy") - e->accuracy) < 1e-8);
    assert_true(fabs(markup_figure(page, "loss") - e->loss) < 1e-8);
    assert_true(markup_figure(page, "mistakes") ==
                (double)(e->count - e->correct));
    assert_true(markup_figure(page, "parameters") == 12 * 9 * 50 + 50 + 510);
    assert_true(markup_figure(page, "epochs") == 2);
    /* Every mistake and 40 of the units are drawn, and all squares are there.
     */
    assert_int_equal(j.report.mistake_count, 8);
    assert_int_equal(count_text(page, "<img class=\"ink\""), 8);
    assert_int_equal(count_text(page, "<img class=\"weights\""), 40);
    assert_int_equal(count_text(page, "<td class=\"right\"") +
                         count_text(page, "<td class=\"wrong\"") +
                         count_text(page, "<td class=\"none\""),
                     100);
    assert_int_equal(count_text(page, "<svg "), 2);
    assert_non_null(strstr(page, "It was stopped."));
    assert_non_null(strstr(page, "No validation here."));
    assert_non_null(strstr(page, "Of 50 units the 40"));
    assert_non_null(strstr(page, "where it began"));
    assert_null(strstr(page, "no epochs here"));
    free(page);
    forget(&j);
}

/* Says what is missing, and is whole all the same. */
static void test_nothing_known(void **state)
{
    temporary *t = *state;
    judged j;
    judge(&j, MLP, 5, 5, 10, 20);
    j.report.data = NULL;
    char *page = write(t, &j.report);
    assert_non_null(strstr(page, "no epochs here"));
    assert_non_null(strstr(page, "no data here"));
    assert_null(strstr(page, "id=\"confusion\""));
    assert_null(strstr(page, "<svg"));
    assert_non_null(strstr(page, "id=\"weights\""));
    free(page);
    forget(&j);
}

static void test_markup_in_text(void **state)
{
    static const char hostile[] =
        "<script>alert(1)</script> \"quoted\" & 'so' \x1b[2J \xff";
    temporary *t = *state;
    judged j;
    judge(&j, MLP, 5, 5, 10, 20);
    const mnist_report_fact fact = {hostile, hostile, hostile};
    j.report.title = j.report.notice = j.report.without_epochs = hostile;
    j.report.facts = &fact;
    j.report.fact_count = 1;
    char *page = write(t, &j.report);
    assert_int_equal(count_text(page, "&lt;script&gt;alert(1)&lt;/script&gt; "
                                      "&quot;quoted&quot; &amp; &#39;so&#39; "
                                      "\\x1b[2J \\xff"),
                     7);
    free(page);
    forget(&j);
}

/* Any network that there may be: what the first layer's pictures are of. */
static void test_networks(void **state)
{
    static const struct {
        const char *line, *says;
        size_t rows, cols, classes, pictures, wide, high;
    } jobs[] = {
        {"dense:10:softmax", "what a class of", 28, 28, 10, 10, 28, 28},
        {"dense:300:tanh,dense:4:softmax", "Of 300 units", 7, 5, 4, 40, 5, 7},
        {"conv2d:6:3x2:relu,flatten,dense:3:softmax", "3 by 2 pixels", 9, 9, 3,
         6, 2, 3},
        {"conv2d:64:5x5,dense:3:softmax", "Of 64 filters", 9, 9, 3, 40, 5, 5},
        {"avgpool:2x3,dropout:0.1,dense:7:relu,dense:2:softmax", "not 0", 12,
         12, 2, 7, 4, 6},
        {"flatten,dense:7:relu,dense:8:relu,dense:2:softmax", "Look for", 6, 6,
         2, 7, 6, 6},
        {"dense:3:softmax", "what a class of", 200, 300, 3, 3, 100, 67},
        {"dense:50:softmax", "Of 50 classes the 40", 4, 4, 50, 40, 4, 4},
        {"dense:1:relu,dense:2:softmax", "Look for", 1, 1, 2, 1, 1, 1},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        char size[64];
        judged j;
        judge(&j, jobs[i].line, jobs[i].rows, jobs[i].cols, jobs[i].classes,
              12);
        char *page = write(t, &j.report);
        assert_non_null(strstr(page, jobs[i].says));
        assert_int_equal(count_text(page, "<img class=\"weights\""),
                         jobs[i].pictures);
        const char *picture = strstr(page, "<img class=\"weights\"");
        snprintf(size, sizeof size, " width=\"%zu\" height=\"%zu\" ",
                 jobs[i].wide, jobs[i].high);
        picture = strstr(picture, " width=");
        assert_memory_equal(picture, size, strlen(size));
        free(page);
        forget(&j);
    }
}

/* Of many units those with the largest weights, by number, and what each speaks
   for. */
static void test_units(void **state)
{
    temporary *t = *state;
    char says[80];
    judged j;
    judge(&j, MLP, 6, 6, 10, 20);
    const mnist_tensor *w = mnist_network_tensor(j.net, 0);
    const mnist_tensor *out = mnist_network_tensor(j.net, 2);
    for (size_t i = 0; i < w->count; i++)
        w->data[i] = i % 50 < 10 ? 0.01F : -0.5F;
    memset(out->data, 0, out->count * sizeof(float));
    for (size_t u = 0; u < 50; u++) {
        out->data[u * 10 + u % 10] = 0.5F;
        out->data[u * 10 + (u + 3) % 10] = -0.5F;
    }
    char *page = write(t, &j.report);
    for (size_t u = 0; u < 50; u++) {
        snprintf(says, sizeof says,
                 "/><figcaption>%zu<small>for %zu, not %zu</small>", u, u % 10,
                 (u + 3) % 10);
        assert_int_equal(count_text(page, says), u >= 10);
    }
    /* The scale, three times their root mean square. */
    assert_non_null(strstr(page, "<span>1.5</span>"));
    free(page);
    forget(&j);
}

/* The map has a pixel each pair: as faint as there are few of it. */
static void test_map(void **state)
{
    temporary *t = *state;
    judged j;
    judge(&j, "dense:30:softmax", 4, 4, 30, 60);
    memset(j.confusion, 0, 900 * sizeof *j.confusion);
    j.confusion[3 * 30 + 3] = 5;
    j.confusion[3 * 30 + 7] = 1;
    j.confusion[9 * 30 + 7] = 40;
    char *page = write(t, &j.report);
    decoded map =
        png_read_base64(strchr(strstr(page, "<img class=\"map\""), ',') + 1);
    assert_int_equal(map.rows, 30);
    assert_int_equal(map.cols, 30);
    for (size_t i = 0; i < 900; i++)
        assert_int_equal(map.palette[map.pixels[i]][3] > 0, j.confusion[i] > 0);
    const uint8_t *right = map.palette[map.pixels[3 * 30 + 3]];
    const uint8_t *rare = map.palette[map.pixels[3 * 30 + 7]];
    const uint8_t *often = map.palette[map.pixels[9 * 30 + 7]];
    assert_true(right[2] > right[0] && rare[0] > rare[2]);
    assert_true(often[0] > often[2] && often[3] > rare[3]);
    assert_non_null(strstr(page, "<li><b>9</b> taken for <b>7</b>: "
                                 "40\xc2\xa0times</li>\n<li><b>3</b> taken for "
                                 "<b>7</b>: 1\xc2\xa0time</li>\n</ol>"));
    free(map.pixels);
    free(page);
    forget(&j);
}

/* A table of squares up to 20 classes; beyond, a map and the worst of them. */
static void test_many_classes(void **state)
{
    static const size_t classes[] = {2, 20, 21, 256};
    temporary *t = *state;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        char line[40];
        judged j;
        snprintf(line, sizeof line, "dense:%zu:softmax", classes[i]);
        judge(&j, line, 8, 8, classes[i], 600);
        char *page = write(t, &j.report);
        bool squares = strstr(page, "<table class=\"squares\">") != NULL;
        assert_int_equal(squares, classes[i] <= 20);
        assert_int_equal(strstr(page, "<img class=\"map\"") != NULL, !squares);
        const char *rows = strstr(page, "<table class=\"classes\">");
        assert_non_null(rows);
        char *end = strstr(rows, "</table>");
        *end = '\0';
        assert_int_equal(count_text(rows, "<tr>"),
                         1 + (squares ? classes[i] : 20));
        assert_int_equal(strstr(page, "those that it misses most.") != NULL,
                         !squares);
        free(page);
        forget(&j);
    }
}

/* Every epoch up to 200; of more, as many, the first and last among them. */
static void test_many_epochs(void **state)
{
    static const size_t counts[] = {1, 2, 199, 200, 201, 5000};
    static mnist_progress epochs[5000];
    temporary *t = *state;
    judged j;
    judge(&j, MLP, 5, 5, 10, 20);
    for (size_t i = 0; i < 5000; i++)
        epochs[i] = (mnist_progress){.epoch = i + 1,
                                     .loss = 3.0 / (double)(i + 1),
                                     .accuracy = 0.5,
                                     .validated = 1,
                                     .validation_loss = i == 3 ? NAN : 1,
                                     .validation_accuracy = 0.25,
                                     .lr = 1e-3};
    j.report.epochs = epochs;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char last[64];
        j.report.epoch_count = counts[i];
        char *page = write(t, &j.report);
        assert_true(markup_figure(page, "epochs") == (double)counts[i]);
        char *table = strstr(page, "<details>");
        *strstr(table, "</tbody>") = '\0';
        assert_int_equal(count_text(table, "<tr><th scope=\"row\">"),
                         counts[i] < 200 ? counts[i] : 200);
        snprintf(last, sizeof last, "<tr><th scope=\"row\">%zu</th>",
                 counts[i]);
        assert_non_null(strstr(table, last));
        assert_non_null(strstr(table, "<tr><th scope=\"row\">1</th>"));
        free(page);
    }
    forget(&j);
}

/* The three likeliest classes, with the label among them in any case. */
static void test_guesses(void **state)
{
    const float p[10] = {0.01F, 0.0001F, 0.2F, 0, 0,
                         0.7F,  0.08F,   0,    0, 0.0099F};
    temporary *t = *state;
    judged j;
    judge(&j, MLP, 5, 5, 10, 20);
    size_t index = 0;
    while (j.data.labels[index] != 1)
        index++;
    j.mistakes[0] = (mnist_report_mistake){index, p};
    j.report.mistake_count = 1;
    char *page = write(t, &j.report), says[80];
    snprintf(says, sizeof says,
             "<b>1</b> taken for <b>5</b> <small>image %zu</small>", index);
    assert_non_null(strstr(page, says));
    assert_non_null(strstr(page, "<li><b>5</b><span class=\"bar\" "
                                 "style=\"--v:0.700\"></span><span class="
                                 "\"share\">70.0\xc2\xa0%</span></li>"));
    assert_non_null(strstr(page, "<li><b>2</b><span class=\"bar\" "
                                 "style=\"--v:0.200\""));
    assert_non_null(strstr(page, "<li class=\"right\"><b>1</b><span class="
                                 "\"bar\" style=\"--v:0.000\"></span><span "
                                 "class=\"share\">&lt;\xc2\xa0"
                                 "0.1\xc2\xa0%"));
    assert_null(strstr(page, "<li><b>6</b>"));
    free(page);
    forget(&j);
}

static void test_same_bytes_and_failure(void **state)
{
    temporary *t = *state;
    mnist_error err;
    judged j;
    judge(&j, MLP, 5, 5, 10, 20);
    char *one = write(t, &j.report), *two = write(t, &j.report);
    assert_string_equal(one, two);
    free(one);
    free(two);
    assert_int_equal(mnist_report_write(&j.report, "nowhere/r.html", &err),
                     MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "nowhere/r.html"));
    assert_int_equal(temporary_count(t), 1);
    forget(&j);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_of_it),      TEST(test_nothing_known),
        TEST(test_markup_in_text), TEST(test_networks),
        TEST(test_units),          TEST(test_map),
        TEST(test_many_classes),   TEST(test_many_epochs),
        TEST(test_guesses),        TEST(test_same_bytes_and_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
