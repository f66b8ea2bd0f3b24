/*
 * Numbers and text as they stand in files and network lines.
 *
 * strtof and printf follow the locale (a German one reads "0,5") and accept
 * more than a file may hold (hexadecimal, "nan", leading spaces), so reading is
 * done here, and printing is put right afterwards.
 */
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool mnist_text_u64(uint64_t *out, const char *text, size_t length)
{
    uint64_t value = 0;

    if (length == 0 || (length > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* digits * 10^exponent. */
typedef struct decimal {
    uint64_t digits;
    int64_t exponent;
} decimal;

/* Takes digits until something else stands there; returns how many. Digits past
   the 19th are worth less than a unit of the 19th, and are dropped. */
static size_t take_digits(decimal *number, const char *text, size_t length,
                          bool fraction)
{
    size_t i = 0;

    for (; i < length && is_digit(text[i]); i++) {
        if (number->digits <= (UINT64_MAX - 9) / 10) {
            number->digits = number->digits * 10 + (uint64_t)(text[i] - '0');
            number->exponent -= fraction;
        } else {
            number->exponent += !fraction;
        }
    }
    return i;
}

/* The whole text as [sign] digits, added to the exponent. */
static bool take_exponent(decimal *number, const char *text, size_t length)
{
    size_t i = 0;
    bool negative = false;
    int64_t exponent = 0;

    if (length > 0 && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        i++;
    }
    if (i == length)
        return false;
    for (; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        if (exponent < INT64_MAX / 100) /* far beyond any float already */
            exponent = exponent * 10 + (text[i] - '0');
    }
    number->exponent += negative ? -exponent : exponent;
    return true;
}

static bool read_decimal(decimal *number, const char *text, size_t length)
{
    size_t i = take_digits(number, text, length, false);
    size_t taken = i;

    if (i < length && text[i] == '.') {
        i++;
        size_t after = take_digits(number, text + i, length - i, true);
        i += after;
        taken += after;
    }
    if (taken == 0)
        return false;
    if (i == length)
        return true;
    if (text[i] != 'e' && text[i] != 'E')
        return false;
    return take_exponent(number, text + i + 1, length - i - 1);
}

/*
 * Up to 2^53 and 10^22 both factors are doubles without error, and the product
 * is rounded once: the double is the nearest one. Beyond, each step of 22
 * decimal places adds at most half a unit in the last place of a double, 2^-29
 * of a float's.
 *
 * Source: Clinger, "How to read floating point numbers accurately", PLDI 1990.
 */
static double to_double(const decimal *number)
{
    static const double power[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double value = (double)number->digits;
    int64_t exponent = number->exponent;

    /* Past these no digits bring the value back into a double's range. */
    if (number->digits == 0 || exponent < -400)
        return 0;
    if (exponent > 400)
        return HUGE_VAL;
    for (; exponent > 22; exponent -= 22)
        value *= power[22];
    for (; exponent < -22; exponent += 22)
        value /= power[22];
    return exponent < 0 ? value / power[-exponent] : value * power[exponent];
}

bool mnist_text_float(float *out, const char *text, size_t length)
{
    /* Half a unit above the largest float: from here on it rounds to infinity.
       A cast of what is larger than FLT_MAX would be undefined. */
    const double limit = 0x1.ffffffp127;
    bool negative = length > 0 && text[0] == '-';
    decimal number = {0, 0};

    if (!read_decimal(&number, text + negative, length - negative))
        return false;
    double value = to_double(&number);
    if (!(value < limit))
        return false;
    float magnitude = value > (double)FLT_MAX ? FLT_MAX : (float)value;
    *out = negative ? -magnitude : magnitude;
    return true;
}

bool mnist_text_real(double *out, const char *text, size_t length)
{
    bool negative = length > 0 && text[0] == '-';
    decimal number = {0, 0};

    if (!read_decimal(&number, text + negative, length - negative))
        return false;
    double value = to_double(&number);
    if (value > DBL_MAX)
        return false;
    *out = negative ? -value : value;
    return true;
}

/* Bytes that are no part of a number are the locale's decimal point, which may
   be several bytes long. */
static void point_to_dot(char *text)
{
    static const char number[] = "0123456789-+e";
    char *point = text + strspn(text, number);
    size_t length = strcspn(point, number);

    if (length > 0) {
        *point = '.';
        memmove(point + 1, point + length, strlen(point + length) + 1);
    }
}

char *mnist_float_text(char out[MNIST_FLOAT_TEXT], float value)
{
    if (!isfinite(value)) {
        snprintf(out, MNIST_FLOAT_TEXT, "%s",
                 isnan(value) ? "nan"
                 : value < 0  ? "-inf"
                              : "inf");
        return out;
    }
    /* 9 digits tell every float from its neighbours. */
    bool same = false;
    for (int digits = 6; digits <= 9 && !same; digits++) {
        float back = 0;
        snprintf(out, MNIST_FLOAT_TEXT, "%.*g", digits, (double)value);
        point_to_dot(out);
        mnist_text_float(&back, out, strlen(out));
        same = back == value;
    }
    return out;
}

/* The fields of an IEEE 754 double. */
enum { FRACTION_BITS = 52, BIAS = 1023, EXPONENT_ALL = 0x7ff };
#define FRACTION_MASK ((UINT64_C(1) << FRACTION_BITS) - 1)

char *mnist_double_text(char out[MNIST_DOUBLE_TEXT], double value)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> FRACTION_BITS & EXPONENT_ALL);
    uint64_t fraction = bits & FRACTION_MASK;
    char digits[FRACTION_BITS / 4 + 2] = ".";
    size_t length = 1;

    if (!isfinite(value)) {
        snprintf(out, MNIST_DOUBLE_TEXT, "%s",
                 isnan(value) ? "nan"
                 : value < 0  ? "-inf"
                              : "inf");
        return out;
    }
    for (; fraction; fraction = fraction << 4 & FRACTION_MASK)
        digits[length++] = hex[fraction >> (FRACTION_BITS - 4)];
    digits[length] = '\0';
    /* What is below 2^-1022 has no leading 1, and keeps that exponent. */
    snprintf(out, MNIST_DOUBLE_TEXT, "%s0x%d%sp%+d", signbit(value) ? "-" : "",
             exponent != 0, length > 1 ? digits : "",
             value == 0 ? 0 : (exponent ? exponent : 1) - BIAS);
    return out;
}

/* The hexadecimal digits at `text` as the fraction; returns how many. */
static size_t take_fraction(uint64_t *fraction, const char *text, size_t length)
{
    size_t i = 0;
    int shift = FRACTION_BITS;

    for (; i < length && shift > 0; i++) {
        bool letter = text[i] >= 'a' && text[i] <= 'f';
        if (!letter && !is_digit(text[i]))
            break;
        shift -= 4;
        *fraction |= (uint64_t)(text[i] - (letter ? 'a' - 10 : '0')) << shift;
    }
    return i;
}

/* "0x1.8p-3" without a sign in front, to bits. It may be another text than is
   written for those bits, or for no number at all: the caller writes them. */
static bool read_hexadecimal(uint64_t *bits, const char *text, size_t length)
{
    uint64_t exponent, fraction = 0;
    size_t at = 3;

    if (length < 6 || memcmp(text, "0x", 2) != 0)
        return false;
    if (text[at] == '.')
        at += 1 + take_fraction(&fraction, text + at + 1, length - at - 1);
    if (length - at < 3 || text[at] != 'p' ||
        !mnist_text_u64(&exponent, text + at + 2, length - at - 2) ||
        exponent > BIAS)
        return false;
    *bits = fraction;
    if (text[2] == '1')
        *bits |= (text[at + 1] == '-' ? BIAS - exponent : BIAS + exponent)
                 << FRACTION_BITS;
    return true;
}

bool mnist_text_double(double *out, const char *text, size_t length)
{
    bool negative = length > 0 && text[0] == '-';
    const char *rest = text + negative;
    size_t left = length - negative;
    char again[MNIST_DOUBLE_TEXT];
    uint64_t bits;
    double value;

    if (left == 3 && memcmp(rest, "inf", 3) == 0)
        bits = (uint64_t)EXPONENT_ALL << FRACTION_BITS;
    else if (left == 3 && memcmp(rest, "nan", 3) == 0)
        bits = (uint64_t)EXPONENT_ALL << FRACTION_BITS | FRACTION_MASK;
    else if (!read_hexadecimal(&bits, rest, left))
        return false;
    bits |= (uint64_t)negative << 63;
    memcpy(&value, &bits, sizeof value);
    mnist_double_text(again, value);
    if (strlen(again) != length || memcmp(again, text, length) != 0)
        return false;
    *out = value;
    return true;
}

size_t mnist_text_printable(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80)
        return s[0] >= 0x20 && s[0] != 0x7f;
    /* No sequence begins with these; c2 80 to c2 9f are control characters. */
    if (s[0] < 0xc2 || s[0] > 0xf4 || (s[0] == 0xc2 && s[1] < 0xa0))
        return 0;
    /* Longer than needed: a way to hide a control character. */
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90))
        return 0;
    /* Halves of UTF-16, and beyond the last character. */
    if ((s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    size_t length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

char *mnist_quote(char out[MNIST_QUOTE_MAX], const void *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    const size_t most = 64;
    const unsigned char *from = bytes;
    char *to = out;

    for (size_t i = 0; i < length && i < most; i++) {
        unsigned char c = from[i];
        if (c >= 0x20 && c < 0x7f && c != '\\') {
            *to++ = (char)c;
        } else {
            *to++ = '\\';
            *to++ = 'x';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    memcpy(to, length > most ? "..." : "", length > most ? 4 : 1);
    return out;
}

#define MAX_WORD 63

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Edits between two words of at most MAX_WORD letters: the optimal string
 * alignment distance, which counts a swap of neighbours once.
 */
static size_t edits(const char *a, size_t a_length, const char *b,
                    size_t b_length)
{
    size_t rows[3][MAX_WORD + 1]; /* by turns: this row and the two before */

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *mnist_nearest(const char *word, const char *const *candidates,
                          size_t count)
{
    const char *best = NULL;
    size_t best_edits = 0;
    size_t length = strlen(word);

    if (length > MAX_WORD)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > MAX_WORD)
            continue;
        /* One slip in three letters: more is another word. */
        size_t found = edits(word, length, candidates[i], other);
        if (found <= (length > other ? length : other) / 3 &&
            (!best || found < best_edits)) {
            best = candidates[i];
            best_edits = found;
        }
    }
    return best;
}
