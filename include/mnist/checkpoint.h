/**
 * Checkpoints: a training kept in a file, to be gone on with.
 *
 * What goes on ends with the same bytes as a training that was never stopped:
 * saved at any batch, on any number of threads, with any kernels. A fast
 * training (mnist_train_options.fast) that goes on where there is no AMX does
 * so with other kernels: its last digits are then those of neither.
 *
 * A checkpoint is a weights file (see weights.h) of the network as it stands in
 * the training, with these tensors behind its own, each the size of the
 * network's tensor of that name:
 *
 *     optimizer.v.NAME   RMSprop's mean square
 *     optimizer.s.NAME   its momentum, where it has one
 *     optimizer.a.NAME   its mean of gradients, if centered
 *     best.NAME          the weights of the best epoch so far, where they are
 *                        kept (mnist_train_options.patience, .keep_best)
 *
 * and these notes. Doubles are hexadecimal as C writes them ("0x1.8p-3"), flags
 * 0 or 1, the rest decimal. All are there, whether they matter or not, but for
 * the last ones of the options.
 *
 *     checkpoint_version             "1"
 *     checkpoint_epoch, _step        epochs that are done, and batches of the
 *                                    next one
 *     checkpoint_images, _correct, _loss_sum, _cross_entropy_sum
 *                                    sums over the epoch of the last batch
 *     checkpoint_validated, _validation_loss, _validation_cross_entropy,
 *     _validation_accuracy           the figures of an epoch just completed
 *     checkpoint_best_figure, _best_epoch, _stopped_early
 *                                    see mnist_train_options.patience
 *     checkpoint_epochs, _batch, _lr, _rho, _momentum, _epsilon, _centered,
 *     _schedule, _step_epochs, _step_factor, _seed, _shuffle, _patience,
 *     _min_delta                     the options that decide the result; and
 *     checkpoint_plateau_epochs, _plateau_factor, _min_lr, _plateau_lr,
 *     _plateau_figure, _plateau_since, _last_lr
 *                                    with the plateau schedule only: its
 *                                    options, the rate to go on with, the best
 *                                    figure so far, the epoch from which it
 *                                    counts, and the rate of the last batch
 *     checkpoint_clip_norm, _keep_best, _monitor, _fast
 *                                    the same, where they are not the defaults;
 *                                    a monitor is loss, acc, val_loss or
 *                                    val_acc
 *     checkpoint_data_images, _data_pixels_crc32, _data_labels_crc32,
 *     _validation_images, _validation_pixels_crc32, _validation_labels_crc32
 *                                    to know the data again; 0 without
 *
 * To go on with one:
 *
 *     mnist_weights_load(&net, &notes, path, &err);
 *     mnist_checkpoint_options(&options, notes, &err);
 *     mnist_trainer_new(&trainer, net, &data, &options, &err);
 *     mnist_checkpoint_load(trainer, path, &err);
 *     mnist_trainer_run(trainer, &err);
 */
#ifndef MNIST_CHECKPOINT_H
#define MNIST_CHECKPOINT_H

#include <mnist/api.h>
#include <mnist/error.h>
#include <mnist/train.h>
#include <mnist/weights.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes where the trainer stands, between runs or from its callback, with
 * `count` notes. The training is not disturbed. The file is replaced as
 * mnist_weights_save does it, and the same training gives the same bytes.
 *
 * Takes memory for the whole file while it runs. The checksums of the data are
 * taken the first time, and kept: the data must not change from then on.
 * Fails as mnist_weights_save does, with MNIST_ERROR_ARGUMENT for more than 64
 * notes or a key that begins with "checkpoint_", and with MNIST_ERROR_DIVERGED
 * when the training did.
 */
MNIST_API mnist_status mnist_checkpoint_save(mnist_trainer *trainer,
                                             const char *path,
                                             const mnist_note *notes,
                                             size_t count, mnist_error *err);

/**
 * The options that decide the result, from the notes of a checkpoint that
 * mnist_weights_load read; the others (threads, validation, callback, user) are
 * left as they are. The notes that the program gave to mnist_checkpoint_save
 * are among those of mnist_weights_load.
 *
 * options: written only on success.
 * Fails with MNIST_ERROR_WEIGHTS when the file is no checkpoint.
 */
MNIST_API mnist_status mnist_checkpoint_options(mnist_train_options *options,
                                                const mnist_notes *notes,
                                                mnist_error *err);

/**
 * Puts the trainer, and with it its network, where the checkpoint stands, so
 * that mnist_trainer_run goes on from there and mnist_trainer_progress tells
 * what it did when it was saved (but `seconds`, which is 0). What the trainer
 * did before is forgotten. Not to be called from its callback.
 *
 * The options that decide the result must be those of the checkpoint, and the
 * data and validation data the same. The number of epochs may be another, if it
 * is not below what is begun: the result is that of a training with this number
 * from the beginning. With the cosine schedule it must be the same.
 *
 * On failure the trainer and the network are as before. Fails with
 * MNIST_ERROR_WEIGHTS (damaged, no checkpoint, another network), _ARGUMENT
 * (other options; the message names the first and both values), _DATA (other
 * data), _SYSTEM or _MEMORY.
 */
MNIST_API mnist_status mnist_checkpoint_load(mnist_trainer *trainer,
                                             const char *path,
                                             mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
