#include "cli/results/mistakes.h"

#include "cli/drawing/picture.h"
#include "cli/options/command.h"

#include <stdlib.h>
#include <string.h>

/* Puts it in its place, if it is among the worst. */
static void offer(cli_mistakes *m, cli_mistake mistake)
{
    size_t place = m->count;
    while (place > 0 && m->worst[place - 1].probability < mistake.probability)
        place--;
    if (place == m->room)
        return;
    if (m->count < m->room)
        m->count++;
    memmove(m->worst + place + 1, m->worst + place,
            (m->count - place - 1) * sizeof *m->worst);
    m->worst[place] = mistake;
}

mnist_status cli_mistakes_find(cli_mistakes *m, size_t room,
                               mnist_workspace *ws, const mnist_dataset *data,
                               mnist_error *err)
{
    size_t classes = mnist_network_classes(mnist_workspace_network(ws));
    size_t batch = mnist_workspace_batch(ws);
    mnist_status status = MNIST_OK;
    m->room = room < data->count ? room : data->count;
    m->worst = calloc(m->room, sizeof *m->worst);
    float *probabilities = calloc(batch, classes * sizeof *probabilities);
    if (!m->worst || !probabilities)
        status = mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    for (size_t done = 0; done < data->count && !status;) {
        size_t n = data->count - done < batch ? data->count - done : batch;
        status = mnist_predict(ws, data, done, n, probabilities, err);
        for (size_t i = 0; i < n && !status; i++) {
            const float *p = probabilities + i * classes;
            size_t best = mnist_argmax(p, classes);
            if (best != data->labels[done + i])
                offer(m, (cli_mistake){done + i, best, p[best]});
        }
        done += n;
    }
    free(probabilities);
    return status;
}

void cli_mistakes_free(cli_mistakes *m)
{
    free(m->worst);
}

static void caption(cli_picture *picture, const cli_mistake *mistake,
                    unsigned label)
{
    snprintf(picture->caption, sizeof picture->caption, "%zu: %u as %zu, %.4f",
             mistake->index, label, mistake->predicted,
             (double)mistake->probability);
}

int cli_mistakes_draw(const cli_mistakes *m, const mnist_dataset *data,
                      const cli_terminal *terminal)
{
    cli_picture *picture = calloc(m->count + 1, sizeof *picture);
    size_t widest = 0;
    if (!picture)
        return cli_no_memory();
    for (size_t i = 0; i < m->count; i++) {
        size_t index = m->worst[i].index;
        picture[i].pixels = data->pixels + index * data->rows * data->cols;
        caption(&picture[i], &m->worst[i], data->labels[index]);
        if (strlen(picture[i].caption) > widest)
            widest = strlen(picture[i].caption);
    }
    size_t columns = cli_picture_columns(terminal, data->cols, widest);
    fprintf(terminal->out, "\n%s\n",
            m->count ? "worst mistakes (image: label as prediction, its "
                       "probability)"
                     : "no mistakes");
    for (size_t done = 0; done < m->count && !cli_output_error();) {
        size_t n = m->count - done < columns ? m->count - done : columns;
        fputc('\n', terminal->out);
        cli_picture_draw(terminal, picture + done, n, data->rows, data->cols);
        done += n;
    }
    free(picture);
    return CLI_DONE;
}

void cli_mistakes_json(cli_json *json, const cli_mistakes *m,
                       const mnist_dataset *data)
{
    cli_json_begin(json, "mistakes", '[');
    for (size_t i = 0; i < m->count; i++) {
        const cli_mistake *mistake = &m->worst[i];
        cli_json_begin(json, NULL, '{');
        cli_json_count(json, "index", mistake->index);
        cli_json_count(json, "label", data->labels[mistake->index]);
        cli_json_count(json, "predicted", mistake->predicted);
        cli_json_float(json, "probability", mistake->probability);
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
}
