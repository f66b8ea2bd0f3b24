/* Where two digits are written alike (a 7 and a 1, an open 4 and a 9), the
   likeness is kept: a network must have something to get wrong. */
#include "data/strokes.h"

/* clang-format off */
#define AT(x, y) {x, y, MNIST_STROKE_SMOOTH}
#define CORNER(x, y) {x, y, MNIST_STROKE_CORNER}
#define LIFT(x, y) {x, y, MNIST_STROKE_LIFT}
#define SHAPE(points, weight) {points, sizeof points / sizeof *points, weight}
/* clang-format on */

typedef mnist_stroke_point point;

static const point zero_oval[] = {
    AT(55, 3),  AT(26, 14), AT(10, 50), AT(22, 86), AT(50, 97),
    AT(78, 84), AT(90, 48), AT(76, 14), AT(54, 3),  AT(40, 7),
};
static const point zero_narrow[] = {
    AT(58, 4),  AT(36, 20), AT(25, 55), AT(34, 88), AT(55, 97),
    AT(72, 80), AT(80, 44), AT(72, 12), AT(54, 4),
};
static const point zero_open[] = {
    AT(46, 8),  AT(22, 22), AT(10, 54), AT(22, 88), AT(52, 97),
    AT(80, 82), AT(90, 48), AT(78, 16), AT(56, 4),  AT(38, 4),
};
static const point zero_hook[] = {
    AT(74, 14), AT(44, 3),  AT(16, 28), AT(11, 64), AT(34, 94),
    AT(66, 92), AT(89, 60), AT(84, 24), AT(64, 9),  AT(46, 14),
};

static const point one_bar[] = {AT(50, 2), AT(50, 50), AT(50, 98)};
static const point one_bow[] = {AT(55, 2), AT(50, 34), AT(48, 66), AT(52, 98)};
static const point one_flag[] = {
    AT(28, 27), AT(41, 17), CORNER(53, 2), AT(52, 50), AT(52, 98),
};
static const point one_foot[] = {
    AT(28, 25), AT(41, 16),   CORNER(53, 2), AT(52, 50),
    AT(52, 97), LIFT(26, 98), AT(52, 97),    AT(78, 97),
};

static const point two_plain[] = {
    AT(14, 26), AT(24, 9),  AT(50, 2),      AT(76, 13), AT(78, 36),
    AT(60, 60), AT(36, 80), CORNER(12, 96), AT(50, 95), AT(88, 94),
};
static const point two_loop[] = {
    AT(14, 24), AT(28, 7),  AT(54, 2),  AT(77, 17), AT(75, 42),
    AT(54, 69), AT(28, 93), AT(11, 92), AT(12, 78), AT(30, 78),
    AT(52, 91), AT(74, 97), AT(93, 88),
};
static const point two_wave[] = {
    AT(18, 20),     AT(44, 3),  AT(74, 14), AT(75, 40), AT(50, 71),
    CORNER(15, 95), AT(36, 86), AT(62, 93), AT(93, 88),
};

static const point three_round[] = {
    AT(16, 14), AT(42, 2),  AT(70, 9),  AT(77, 26), AT(62, 42), CORNER(38, 48),
    AT(68, 53), AT(85, 73), AT(70, 93), AT(40, 98), AT(12, 86),
};
static const point three_loop[] = {
    AT(15, 12), AT(44, 2),  AT(73, 13), AT(70, 33), AT(48, 47), AT(36, 52),
    AT(38, 44), AT(62, 50), AT(83, 70), AT(72, 92), AT(42, 98), AT(12, 88),
};
static const point three_flat[] = {
    AT(14, 6),  AT(48, 5),  CORNER(80, 4), CORNER(42, 40), AT(72, 49),
    AT(86, 71), AT(68, 93), AT(38, 98),    AT(12, 87),
};

static const point four_open[] = {
    AT(28, 4),  AT(20, 30),   CORNER(14, 56), AT(50, 55),
    AT(90, 50), LIFT(72, 10), AT(67, 52),     AT(62, 98),
};
static const point four_closed[] = {
    AT(66, 2),  AT(40, 32),  CORNER(10, 66), AT(50, 67),
    AT(93, 64), LIFT(68, 3), AT(66, 50),     AT(64, 98),
};
static const point four_cup[] = {
    AT(22, 4),  AT(14, 32),    AT(24, 51), AT(50, 50),
    AT(72, 34), CORNER(79, 6), AT(73, 50), AT(66, 98),
};
static const point four_chair[] = {
    AT(60, 3),  AT(36, 32),   AT(14, 58), AT(28, 65), AT(56, 62),
    AT(90, 56), LIFT(72, 26), AT(65, 62), AT(58, 98),
};

static const point five_cap[] = {
    AT(28, 6),  AT(25, 26), CORNER(22, 45), AT(52, 38), AT(79, 53), AT(81, 78),
    AT(54, 97), AT(14, 90), LIFT(28, 6),    AT(56, 6),  AT(86, 4),
};
static const point five_single[] = {
    AT(86, 4),  AT(58, 5),  CORNER(30, 7), CORNER(24, 44), AT(54, 38),
    AT(81, 55), AT(80, 81), AT(50, 98),    AT(12, 88),
};
static const point five_snake[] = {
    AT(84, 6),  AT(52, 6),  AT(29, 19), AT(32, 39), AT(58, 48),
    AT(78, 67), AT(66, 91), AT(36, 98), AT(10, 90),
};

static const point six_round[] = {
    AT(68, 3),  AT(40, 22), AT(19, 54), AT(20, 84), AT(47, 98),
    AT(75, 86), AT(77, 64), AT(53, 53), AT(29, 64), AT(20, 80),
};
static const point six_straight[] = {
    AT(60, 2),  AT(38, 34), AT(23, 68), AT(30, 92), AT(54, 97),
    AT(75, 82), AT(68, 63), AT(46, 61), AT(28, 76),
};
static const point six_hooked[] = {
    AT(82, 14), AT(62, 3),  AT(34, 18), AT(16, 54), AT(22, 87),
    AT(52, 98), AT(81, 82), AT(75, 59), AT(46, 53), AT(20, 70),
};

static const point seven_plain[] = {
    AT(12, 10), AT(48, 9), CORNER(86, 6), AT(66, 40), AT(49, 70), AT(39, 98),
};
static const point seven_bar[] = {
    AT(12, 9),  AT(48, 8),    CORNER(86, 6), AT(66, 40), AT(49, 70),
    AT(40, 98), LIFT(30, 53), AT(54, 51),    AT(80, 48),
};
static const point seven_serif[] = {
    AT(14, 24), CORNER(16, 8), AT(50, 8),  CORNER(86, 6),
    AT(66, 36), AT(52, 68),    AT(46, 98),
};
static const point seven_curved[] = {
    AT(10, 16), AT(36, 7),  AT(68, 7),  AT(83, 18),
    AT(70, 47), AT(54, 75), AT(47, 98),
};

static const point eight_snake[] = {
    AT(74, 15), AT(50, 2),  AT(25, 16), AT(34, 38), AT(60, 53), AT(79, 76),
    AT(54, 98), AT(24, 82), AT(36, 59), AT(61, 42), AT(77, 19), AT(66, 7),
};
static const point eight_circles[] = {
    AT(50, 47), AT(26, 33), AT(30, 10), AT(53, 2),  AT(75, 14),
    AT(71, 35), AT(49, 47), AT(22, 63), AT(22, 87), AT(49, 98),
    AT(78, 86), AT(75, 62), AT(50, 47),
};
static const point eight_open[] = {
    AT(82, 8),  AT(52, 3),  AT(24, 19), AT(36, 40), AT(60, 54), AT(75, 78),
    AT(50, 98), AT(26, 80), AT(42, 56), AT(66, 36), AT(84, 12),
};

static const point nine_straight[] = {
    AT(74, 18), AT(48, 4),  AT(20, 20),     AT(22, 44), AT(48, 51),
    AT(70, 34), AT(79, 10), CORNER(78, 12), AT(74, 52), AT(69, 98),
};
static const point nine_curved[] = {
    AT(78, 22), AT(54, 3),  AT(25, 12), AT(19, 37), AT(44, 50), AT(72, 36),
    AT(80, 14), AT(80, 50), AT(66, 85), AT(40, 98), AT(15, 88),
};
static const point nine_slim[] = {
    AT(68, 16), AT(47, 4),  AT(26, 20), AT(29, 42), AT(50, 44),
    AT(70, 20), AT(68, 48), AT(58, 74), AT(50, 98),
};

#define WAYS 4

static const mnist_shape shapes[10][WAYS] = {
    {SHAPE(zero_oval, 4), SHAPE(zero_narrow, 3), SHAPE(zero_open, 2),
     SHAPE(zero_hook, 2)},
    {SHAPE(one_bar, 5), SHAPE(one_bow, 3), SHAPE(one_flag, 3),
     SHAPE(one_foot, 1)},
    {SHAPE(two_plain, 4), SHAPE(two_loop, 4), SHAPE(two_wave, 3)},
    {SHAPE(three_round, 5), SHAPE(three_loop, 3), SHAPE(three_flat, 2)},
    {SHAPE(four_open, 5), SHAPE(four_closed, 3), SHAPE(four_cup, 3),
     SHAPE(four_chair, 2)},
    {SHAPE(five_cap, 5), SHAPE(five_single, 3), SHAPE(five_snake, 2)},
    {SHAPE(six_round, 4), SHAPE(six_straight, 3), SHAPE(six_hooked, 2)},
    {SHAPE(seven_plain, 5), SHAPE(seven_bar, 3), SHAPE(seven_serif, 2),
     SHAPE(seven_curved, 3)},
    {SHAPE(eight_snake, 5), SHAPE(eight_circles, 2), SHAPE(eight_open, 2)},
    {SHAPE(nine_straight, 5), SHAPE(nine_curved, 3), SHAPE(nine_slim, 3)},
};

const mnist_shape *mnist_shapes(unsigned digit, size_t *count)
{
    *count = 0;
    while (*count < WAYS && shapes[digit][*count].points)
        ++*count;
    return shapes[digit];
}
