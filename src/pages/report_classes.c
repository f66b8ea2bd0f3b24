/* What was taken for what: the confusion, its worst pairs, each class. */
#include "pages/data_uri.h"
#include "pages/report_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLE_MOST = 20, /* classes that a table of squares shows readably */
    PAIRS_FEW = 5,   /* worst pairs named below it */
    PAIRS_MOST = 20, /* and in its place */
    ROWS_MOST = 20   /* classes in a table of rows */
};

/* How it is sorted out of a list: the worst first. */
typedef struct item {
    size_t a, b; /* a class; or a label and what it was taken for */
    double worse;
} item;

/* Puts it in its place among the worst; of equals, the first stays first. */
static size_t offer(item *list, size_t count, size_t room, item new)
{
    size_t place = count;
    while (place > 0 && list[place - 1].worse < new.worse)
        place--;
    if (place == room)
        return count;
    if (count < room)
        count++;
    memmove(list + place + 1, list + place, (count - place - 1) * sizeof *list);
    list[place] = new;
    return count;
}

static size_t classes_of(const mnist_report *report)
{
    return mnist_network_classes(report->net);
}

static size_t at(const mnist_report *report, size_t label, size_t k)
{
    return report->confusion[label * classes_of(report) + k];
}

static size_t find_pairs(const mnist_report *report, item *list, size_t room)
{
    size_t classes = classes_of(report), count = 0;
    for (size_t label = 0; label < classes; label++)
        for (size_t k = 0; k < classes; k++)
            if (k != label && at(report, label, k) > 0)
                count = offer(list, count, room,
                              (item){label, k, (double)at(report, label, k)});
    return count;
}

/* ---- Confusion ---- */

/* A square: its share of the row on the diagonal, of the worst pair beside. */
static void write_square(mnist_html *html, const mnist_report *report,
                         size_t label, size_t k, size_t worst)
{
    size_t count = at(report, label, k), row = 0;
    for (size_t i = 0; i < classes_of(report); i++)
        row += at(report, label, i);
    if (count == 0) {
        mnist_html_raw(html, k == label ? "<td class=\"right\">0</td>"
                                        : "<td class=\"none\">0</td>");
        return;
    }
    mnist_html_format(
        html, "<td class=\"%s\" style=\"--v:", k == label ? "right" : "wrong");
    mnist_html_plain(html, (double)count / (double)(k == label ? row : worst),
                     2);
    mnist_html_format(html, "\">%zu</td>", count);
}

static void write_squares(mnist_html *html, const mnist_report *report,
                          size_t worst)
{
    size_t classes = classes_of(report);
    mnist_report_table(html, "squares", "Confusion");
    mnist_html_raw(html, "<caption>Rows: the label. Columns: what it was "
                         "taken for.</caption>\n<thead><tr><td></td>");
    for (size_t k = 0; k < classes; k++)
        mnist_html_format(html, "<th scope=\"col\">%zu</th>", k);
    mnist_html_raw(html, "</tr></thead>\n<tbody>\n");
    for (size_t label = 0; label < classes; label++) {
        mnist_html_format(html, "<tr><th scope=\"row\">%zu</th>", label);
        for (size_t k = 0; k < classes; k++)
            write_square(html, report, label, k, worst);
        mnist_html_raw(html, "</tr>\n");
    }
    mnist_html_raw(html, "</tbody>\n</table>\n</div>\n");
}

static void write_pairs(mnist_html *html, const item *pairs, size_t count)
{
    if (count == 0) {
        mnist_html_raw(html, "<p>It made no mistake at all.</p>\n");
        return;
    }
    mnist_html_raw(html, "<div>\n<p>Most often:</p>\n<ol class=\"pairs\">\n");
    for (size_t i = 0; i < count; i++) {
        mnist_html_format(html,
                          "<li><b>%zu</b> taken for <b>%zu</b>: ", pairs[i].a,
                          pairs[i].b);
        mnist_report_plural(html, (size_t)pairs[i].worse, "time");
        mnist_html_raw(html, "</li>\n");
    }
    mnist_html_raw(html, "</ol>\n</div>\n");
}

enum { SHADES = 24 };

/* Mistakes by the logarithm of their number, which is 1 for most. */
static uint8_t map_shade(const mnist_report *report, size_t label, size_t k,
                         size_t worst)
{
    size_t count = at(report, label, k);
    if (count == 0)
        return 0;
    if (label == k)
        return 2 * SHADES;
    return (uint8_t)(1 + lround((SHADES - 1) * log((double)count) /
                                log((double)worst + 1)));
}

/* A pixel each pair: 0 is nothing, then come oranges, then blues. */
static void write_map(mnist_html *html, const mnist_report *report,
                      size_t worst)
{
    size_t classes = classes_of(report);
    uint8_t palette[2 * SHADES + 1][4] = {{0}};
    uint8_t *pixels = malloc(classes * classes);
    if (!pixels) {
        html->failed = true;
        return;
    }
    for (size_t i = 1; i <= SHADES; i++) {
        uint8_t opacity = (uint8_t)(40 + 215 * i / SHADES);
        memcpy(palette[i], (const uint8_t[]){0xe6, 0x55, 0x0d, opacity}, 4);
        memcpy(palette[i + SHADES],
               (const uint8_t[]){0x1f, 0x77, 0xd0, opacity}, 4);
    }
    for (size_t i = 0; i < classes * classes; i++)
        pixels[i] = map_shade(report, i / classes, i % classes, worst);
    const mnist_bitmap map = {pixels, classes, classes,
                              (const uint8_t(*)[4])palette, 2 * SHADES + 1};
    mnist_html_format(html,
                      "<figure>\n<img class=\"map\" alt=\"Map of the "
                      "confusions\" width=\"%zu\" height=\"%zu\" src=\"",
                      classes, classes);
    mnist_html_data_uri(html, &map);
    mnist_html_raw(html, "\"/>\n<figcaption>Each row is a label from 0 at the "
                         "top, each column what it was taken for: blue is "
                         "right, orange is wrong.</figcaption>\n</figure>\n");
    free(pixels);
}

void mnist_report_confusion(mnist_html *html, const mnist_report *report)
{
    item pairs[PAIRS_MOST];
    if (!report->data)
        return;
    bool small = classes_of(report) <= TABLE_MOST;
    size_t count = find_pairs(report, pairs, small ? PAIRS_FEW : PAIRS_MOST);
    size_t worst = count ? (size_t)pairs[0].worse : 1;
    mnist_report_section(html, "confusion", "What it takes for what");
    if (small) {
        mnist_html_raw(html, "<p>On the diagonal it is right. Look for the "
                             "strongest colours off it, and whether you would "
                             "mix up those two.</p>\n"
                             "<div class=\"beside\">\n");
        write_squares(html, report, worst);
    } else {
        mnist_html_format(html,
                          "<p>A table of %zu classes would not be readable: "
                          "here are a map of it and its worst pairs. Look for "
                          "pairs that you would mix up too.</p>\n"
                          "<div class=\"beside many\">\n",
                          classes_of(report));
        write_map(html, report, worst);
    }
    write_pairs(html, pairs, count);
    mnist_html_raw(html, "</div>\n</section>\n");
}

/* ---- Classes ---- */

static void write_ratio(mnist_html *html, double ratio)
{
    mnist_html_raw(html, "<td>");
    mnist_html_percent(html, ratio, 1);
    mnist_html_raw(html, "</td>");
}

static void write_class(mnist_html *html, const mnist_report *report, size_t k,
                        double worst)
{
    mnist_class_figures c =
        mnist_class_evaluate(report->confusion, classes_of(report), k);
    double missed = c.count ? 1 - c.recall : 0;
    mnist_html_format(html, "<tr><th scope=\"row\">%zu</th><td>", k);
    mnist_html_count(html, c.count);
    mnist_html_raw(html, "</td>");
    write_ratio(html, c.recall);
    mnist_report_bar(html, c.count - c.correct, worst > 0 ? missed / worst : 0);
    write_ratio(html, c.precision);
    write_ratio(html, c.f1);
    mnist_html_raw(html, "</tr>\n");
}

/* Which classes are listed: all, or those that it misses most. */
static size_t choose_classes(const mnist_report *report, item *list)
{
    size_t classes = classes_of(report), count = 0;
    for (size_t k = 0; k < classes; k++) {
        mnist_class_figures c =
            mnist_class_evaluate(report->confusion, classes, k);
        double missed = c.count ? 1 - c.recall : -1;
        if (classes <= ROWS_MOST)
            list[count++] = (item){k, k, missed};
        else if (c.count)
            count = offer(list, count, ROWS_MOST, (item){k, k, missed});
    }
    return count;
}

void mnist_report_classes(mnist_html *html, const mnist_report *report)
{
    item list[ROWS_MOST];
    if (!report->data)
        return;
    size_t classes = classes_of(report), count = choose_classes(report, list);
    double worst = 0;
    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, list[i].worse);
    mnist_report_section(html, "classes", "Class by class");
    mnist_html_raw(html,
                   "<p><dfn>Found</dfn> (recall) is how many of a class it "
                   "recognises, <dfn>right</dfn> (precision) how often it is "
                   "right when it names that class, and F1 their mean. Look "
                   "for the class that it misses most.</p>\n");
    if (count < classes && classes > ROWS_MOST) {
        mnist_html_format(html,
                          "<p>Listed are %zu of %zu classes, those that "
                          "it misses most.</p>\n",
                          count, classes);
    }
    mnist_report_table(html, "classes", "Figures by class");
    mnist_html_raw(html,
                   "<thead><tr><th scope=\"col\">Class</th>"
                   "<th scope=\"col\">Images</th><th scope=\"col\">Found</th>"
                   "<th scope=\"col\" class=\"bar\">Missed</th><th "
                   "scope=\"col\">Right</th>"
                   "<th scope=\"col\">F1</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count; i++)
        write_class(html, report, list[i].a, worst);
    mnist_html_raw(html, "</tbody>\n</table>\n</div>\n</section>\n");
}
