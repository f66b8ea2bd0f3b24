#include "pages/curve.h"
#include "pages/report_parts.h"

#include <math.h>
#include <stdlib.h>

/* More epochs are thinned out: a screen has no more room. */
enum { POINTS_MOST = 200 };

/* Which epoch point i of `points` shows: the first and the last in any case. */
static const mnist_progress *pick(const mnist_report *report, size_t points,
                                  size_t i)
{
    size_t last = report->epoch_count - 1;
    if (points == 1)
        return &report->epochs[0];
    return &report->epochs[(size_t)((uint64_t)last * i / (points - 1))];
}

static size_t count_points(const mnist_report *report)
{
    return report->epoch_count < POINTS_MOST ? report->epoch_count
                                             : (size_t)POINTS_MOST;
}

static bool validates(const mnist_report *report)
{
    return report->epochs[report->epoch_count - 1].validated != 0;
}

static mnist_curve_point point_of(const mnist_progress *at, bool accuracy)
{
    mnist_curve_point p = {.epoch = at->epoch, .validation = NAN};
    p.training = accuracy ? 100 * at->accuracy : at->loss;
    if (at->validated)
        p.validation =
            accuracy ? 100 * at->validation_accuracy : at->validation_loss;
    return p;
}

static void draw(mnist_html *html, const mnist_report *report, bool accuracy)
{
    mnist_curve_point points[POINTS_MOST];
    mnist_curve curve = {.id = accuracy ? "curve-accuracy" : "curve-loss",
                         .title =
                             accuracy ? "Accuracy by epoch" : "Loss by epoch",
                         .unit = accuracy ? "%" : "",
                         .points = points,
                         .count = count_points(report),
                         .rises = accuracy,
                         .test = NAN,
                         .best = report->best_epoch,
                         .has_ceiling = accuracy,
                         .ceiling = 100};
    for (size_t i = 0; i < curve.count; i++)
        points[i] = point_of(pick(report, curve.count, i), accuracy);
    if (report->data && !report->is_validation)
        curve.test =
            accuracy ? 100 * report->figures.accuracy : report->figures.loss;
    mnist_html_format(
        html, "<figure>\n<figcaption><b>%s</b> %s</figcaption>\n",
        accuracy ? "Accuracy." : "Loss.",
        accuracy ? "The share that it recognises: up is better."
                 : "Its surprise at the right answer: down is better.");
    mnist_curve_write(html, &curve);
    mnist_html_raw(html, "</figure>\n");
}

static void write_words(mnist_html *html, const mnist_report *report)
{
    mnist_html_raw(html, "<p>");
    if (validates(report))
        mnist_html_raw(
            html,
            "Look for where validation stops getting better while training "
            "goes on. The shaded gap is <dfn>overfitting</dfn>: what the "
            "network knows by heart of the images it trains on, and cannot do "
            "for others. (A training figure is the mean over an epoch in which "
            "the network is still learning; so at first validation may be the "
            "better one.)");
    else if (report->epoch_count > 1)
        mnist_html_raw(html, "Look for where the curves go flat: more epochs "
                             "bring little from there. ");
    else
        mnist_html_raw(html, "One epoch is a point and no curve yet. ");
    if (!validates(report) && report->without_validation)
        mnist_html_text(html, report->without_validation);
    mnist_html_raw(html, "</p>\n");
}

static void write_key(mnist_html *html, const char *kind, const char *name)
{
    mnist_html_format(html, "<li><span class=\"key %s\"></span>%s</li>\n", kind,
                      name);
}

static void write_legend(mnist_html *html, const mnist_report *report)
{
    mnist_html_raw(html, "<ul class=\"legend\">\n");
    write_key(html, "training", "training");
    if (validates(report)) {
        write_key(html, "validation", "validation");
        write_key(html, "gap", "overfitting");
    }
    if (report->data && !report->is_validation)
        write_key(html, "test", "test");
    if (report->best_epoch)
        write_key(html, "best", "best epoch, whose weights were kept");
    mnist_html_raw(html, "</ul>\n");
}

/* ---- The same as numbers ---- */

static void write_cell(mnist_html *html, double value, int digits)
{
    mnist_html_raw(html, "<td>");
    mnist_html_number(html, value, digits);
    mnist_html_raw(html, "</td>");
}

/* Enough digits for what is seldom 1 and may be 1e-6. */
static void write_rate(mnist_html *html, double rate)
{
    int digits = rate > 0 && rate < 1 ? (int)ceil(-log10(rate)) + 2 : 2;
    write_cell(html, rate, digits);
}

static void write_row(mnist_html *html, const mnist_progress *at,
                      bool validated)
{
    mnist_html_format(html, "<tr><th scope=\"row\">%zu</th>", at->epoch);
    write_cell(html, at->loss, 4);
    write_cell(html, 100 * at->accuracy, 2);
    if (validated) {
        write_cell(html, at->validation_loss, 4);
        write_cell(html, 100 * at->validation_accuracy, 2);
    }
    write_rate(html, at->lr);
    mnist_html_raw(html, "</tr>\n");
}

static void write_table(mnist_html *html, const mnist_report *report)
{
    size_t points = count_points(report);
    bool validated = validates(report);
    mnist_html_raw(html, "<details>\n<summary>The curves as numbers</summary>\n"
                         "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
                         "aria-label=\"Table of epochs\">\n<table>\n<thead>"
                         "<tr><th scope=\"col\">Epoch</th>"
                         "<th scope=\"col\">Loss</th>"
                         "<th scope=\"col\">Accuracy, %</th>");
    if (validated)
        mnist_html_raw(html, "<th scope=\"col\">Validation loss</th>"
                             "<th scope=\"col\">Validation accuracy, %</th>");
    mnist_html_raw(html, "<th scope=\"col\">Learning rate</th></tr></thead>\n"
                         "<tbody>\n");
    for (size_t i = 0; i < points; i++)
        write_row(html, pick(report, points, i), validated);
    mnist_html_raw(html, "</tbody>\n</table>\n</div>\n");
    if (points < report->epoch_count) {
        mnist_html_raw(html, "<p>Drawn and listed are ");
        mnist_html_count(html, points);
        mnist_html_raw(html, " of ");
        mnist_report_plural(html, report->epoch_count, "epoch");
        mnist_html_raw(html, ".</p>\n");
    }
    mnist_html_raw(html, "</details>\n");
}

void mnist_report_curves(mnist_html *html, const mnist_report *report)
{
    mnist_report_section(html, "curves", "How it learned");
    if (report->epoch_count == 0) {
        mnist_html_raw(html, "<p class=\"missing\">");
        mnist_html_text(html, report->without_epochs);
        mnist_html_raw(html, "</p>\n</section>\n");
        return;
    }
    write_words(html, report);
    write_legend(html, report);
    mnist_html_raw(html, "<div class=\"pair\">\n");
    draw(html, report, false);
    draw(html, report, true);
    mnist_html_raw(html, "</div>\n");
    write_table(html, report);
    mnist_html_raw(html, "</section>\n");
}
