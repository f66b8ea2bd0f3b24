#include <mnist/report.h>

#include "pages/report_parts.h"
#include "pages/texts.h"

#include <mnist/version.h>

void mnist_report_section(mnist_html *html, const char *id, const char *heading)
{
    mnist_html_format(html, "<section id=\"%s\">\n<h2>%s</h2>\n", id, heading);
}

void mnist_report_table(mnist_html *html, const char *kind, const char *label)
{
    mnist_html_format(html,
                      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
                      "aria-label=\"%s\">\n<table class=\"%s\">\n",
                      label, kind);
}

void mnist_report_plural(mnist_html *html, size_t count, const char *word)
{
    mnist_html_count(html, count);
    mnist_html_format(html, "\u00a0%s%s", word, count == 1 ? "" : "s");
}

void mnist_report_bar(mnist_html *html, size_t count, double share)
{
    mnist_html_raw(html, "<td class=\"bar\"><span class=\"count\">");
    mnist_html_count(html, count);
    mnist_html_raw(html, "</span><span class=\"bar\" style=\"--v:");
    mnist_html_plain(html, share, 3);
    mnist_html_raw(html, "\"></span></td>");
}

/* The policy has a browser fetch nothing and run nothing, whatever got in. */
static void write_head(mnist_html *html, const mnist_report *report)
{
    mnist_html_raw(
        html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
              "<meta charset=\"utf-8\"/>\n"
              "<meta http-equiv=\"Content-Security-Policy\" content=\""
              "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
              "\"/>\n"
              "<meta name=\"viewport\" content=\"width=device-width, "
              "initial-scale=1\"/>\n"
              "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>");
    mnist_html_text(html, report->title);
    mnist_html_raw(html, ": report</title>\n<style>\n");
    mnist_buffer_piece(html, &mnist_page_report_css);
    mnist_html_raw(html, "</style>\n</head>\n");
}

/* ---- The beginning ---- */

/* One of the large figures: the number exact for programs and round for eyes,
   closed by end_figure. */
static void begin_figure(mnist_html *html, const char *name, double value)
{
    mnist_html_format(html, "<div><dt>%s</dt><dd><data class=\"%s\" value=\"",
                      name, name);
    mnist_html_plain(html, value, 9);
    mnist_html_raw(html, "\">");
}

static void end_figure(mnist_html *html)
{
    mnist_html_raw(html, "</dd></div>\n");
}

static void write_evaluation(mnist_html *html, const mnist_evaluation *e)
{
    begin_figure(html, "accuracy", e->accuracy);
    mnist_html_percent(html, e->accuracy, 2);
    mnist_html_raw(html, "</data> <small>\u00b1\u00a0");
    mnist_html_number(html, 100 * e->accuracy_error, 2);
    mnist_html_raw(html, "</small>");
    end_figure(html);
    begin_figure(html, "loss", e->loss);
    mnist_html_number(html, e->loss, 4);
    mnist_html_raw(html, "</data> <small>\u00b1\u00a0");
    mnist_html_number(html, e->loss_error, 4);
    mnist_html_raw(html, "</small>");
    end_figure(html);
    begin_figure(html, "mistakes", (double)(e->count - e->correct));
    mnist_html_count(html, e->count - e->correct);
    mnist_html_raw(html, "</data> <small>of ");
    mnist_html_count(html, e->count);
    mnist_html_raw(html, "</small>");
    end_figure(html);
}

static void write_figures(mnist_html *html, const mnist_report *report)
{
    size_t parameters = mnist_network_parameters(report->net);
    mnist_html_raw(html, "<dl class=\"figures\">\n");
    if (report->data)
        write_evaluation(html, &report->figures);
    begin_figure(html, "parameters", (double)parameters);
    mnist_html_count(html, parameters);
    mnist_html_raw(html, "</data>");
    end_figure(html);
    if (report->epoch_count > 0) {
        size_t epochs = report->epochs[report->epoch_count - 1].epoch;
        begin_figure(html, "epochs", (double)epochs);
        mnist_html_count(html, epochs);
        mnist_html_raw(html, "</data>");
        end_figure(html);
    }
    mnist_html_raw(html, "</dl>\n");
}

static void write_lead(mnist_html *html, const mnist_report *report)
{
    mnist_html_raw(html, "<p class=\"lead\">");
    if (report->data) {
        const mnist_evaluation *e = &report->figures;
        mnist_html_raw(html, "This network recognises ");
        mnist_html_count(html, e->correct);
        mnist_html_raw(html, " of ");
        mnist_html_count(html, e->count);
        mnist_html_raw(html,
                       report->is_validation
                           ? " validation images. There are no test images, "
                             "which would be the fairer judge: settings that "
                             "were chosen on these fit these."
                           : " test images.");
    } else {
        mnist_html_text(html, report->without_data);
    }
    mnist_html_raw(html, "</p>\n");
}

static void write_links(mnist_html *html, const mnist_report *report)
{
    static const struct {
        const char *id, *name;
        bool of_data;
    } parts[] = {
        {"curves", "Learning", false},  {"confusion", "Confusions", true},
        {"classes", "Classes", true},   {"mistakes", "Mistakes", true},
        {"weights", "Weights", false},  {"layers", "Layers", false},
        {"settings", "Settings", false}};
    mnist_html_raw(html, "<nav aria-label=\"Parts of this report\">\n");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (report->data || !parts[i].of_data)
            mnist_html_format(html, "<a href=\"#%s\">%s</a>\n", parts[i].id,
                              parts[i].name);
    mnist_html_raw(html, "</nav>\n");
}

static void write_beginning(mnist_html *html, const mnist_report *report)
{
    mnist_html_raw(html, "<header>\n<p class=\"kind\">Report</p>\n<h1><bdi>");
    mnist_html_text(html, report->title);
    mnist_html_raw(html, "</bdi></h1>\n");
    write_lead(html, report);
    if (report->notice) {
        mnist_html_raw(html, "<p class=\"notice\">");
        mnist_html_text(html, report->notice);
        mnist_html_raw(html, "</p>\n");
    }
    write_figures(html, report);
    write_links(html, report);
    mnist_html_raw(html, "</header>\n");
}

mnist_status mnist_report_write(const mnist_report *report, const char *path,
                                mnist_error *err)
{
    mnist_html html = {0};
    write_head(&html, report);
    mnist_html_raw(&html, "<body>\n");
    write_beginning(&html, report);
    mnist_html_raw(&html, "<main>\n");
    mnist_report_curves(&html, report);
    mnist_report_confusion(&html, report);
    mnist_report_classes(&html, report);
    mnist_report_mistakes(&html, report);
    mnist_report_weights(&html, report);
    mnist_report_layers(&html, report);
    mnist_report_facts(&html, report);
    mnist_html_format(&html,
                      "</main>\n<footer>Made by mnist %s. All of it is in this "
                      "file.</footer>\n</body>\n</html>\n",
                      mnist_version());
    return mnist_html_save(&html, path, err);
}
