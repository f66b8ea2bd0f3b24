/*
 * Bad inputs, made by hand: what the real program is given, and what it must
 * answer. Each file of this folder adds the cases of one group to a list;
 * test_bad_inputs.c runs them all, in a folder that holds
 *
 *     images, labels      100 digits of the project's own, data/digits-100-*
 *     weights             of a small network for them
 *     data                the same images and labels under the four standard
 *                         names
 *
 * where besides the files of a case nothing is written.
 */
#ifndef BAD_BAD_H
#define BAD_BAD_H

#include "support/program.h"
#include "support/temporary.h"

#include <stddef.h>
#include <stdint.h>

#define BAD_NET "dense:3:relu,dense:10:softmax"

/* The file of a case stands under this name. */
#define BAD "bad-file"

/* The memory that refusing small files may take: 16 MiB. */
#define BAD_KIB (16 * 1024)

typedef struct bad_case {
    char name[96];
    const char *arguments[16]; /* up to a NULL; they outlive the case */
    int status;
    /* All of these are in the one line on stderr; where the status is 0, on
       stdout. Where the data or weights are bad (3, 4), BAD must be there too,
       unless `anonymous`. */
    const char *words[4];
    const uint8_t *bytes; /* of BAD, lent; NULL if there is no such file */
    size_t length;
    size_t zeros; /* that follow those bytes, as a hole */
    /* Makes what is no plain file; undoes what is not undone by removing all
       that lies in the folder. NULL where there is nothing to do. */
    void (*prepare)(temporary *t);
    void (*clean)(temporary *t);
    program how; /* streams and the like */
    int anonymous;
    long most_kib; /* of memory, and 100 ms of work; 0: not looked at */
} bad_case;

typedef struct bad_list {
    bad_case *cases;
    uint8_t **kept;
    size_t count, kept_count;
} bad_list;

void bad_add(bad_list *list, const bad_case *added);

/* A copy of some bytes that lives as long as the list. */
uint8_t *bad_keep(bad_list *list, const void *bytes, size_t length);

void bad_list_free(bad_list *list);

/* The files "images", "labels" and "weights", lent. */
typedef struct bad_file {
    uint8_t *bytes;
    size_t length;
} bad_file;
extern bad_file bad_images_file, bad_labels_file, bad_weights_file;

/* Adds a case of a file for each command that would read it: as images, as
   labels, as weights. `file` has all but the arguments; its bytes are kept, and
   the command is added to its name. */
void bad_add_images(bad_list *list, const bad_case *file);
void bad_add_labels(bad_list *list, const bad_case *file);
void bad_add_weights(bad_list *list, const bad_case *file);

/* Takes out the cases of `info` from number `begin` on: that command looks at a
   file by itself, and weights are fine with it. */
void bad_leave_out_info(bad_list *list, size_t begin);

/* The groups. */
void bad_idx(bad_list *list);      /* lengths, headers, sizes, labels, pairs */
void bad_kinds(bad_list *list);    /* files of other kinds */
void bad_pictures(bad_list *list); /* PNG and PNM */
void bad_gzip(bad_list *list);     /* headers, members, checksums, blocks */
void bad_bombs(bad_list *list);    /* little that promises or unpacks to much */
void bad_paths(bad_list *list);    /* folders, links, devices, names */
void bad_streams(bad_list *list);  /* standard input, closed streams */
void bad_options(bad_list *list);  /* numbers */
void bad_weights(bad_list *list);  /* weights and checkpoints */

/* Fails the running test if a command has a numeric option that bad_options
   does not know. */
void bad_options_are_all(void);

#endif
