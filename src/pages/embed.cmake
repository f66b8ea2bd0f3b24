# Writes a text file as a C source that holds its bytes: numbers, for C11 need
# not take a string literal of more than 4,095 characters.
#
#     cmake -DTEXT=draw.html -DNAME=mnist_page_draw_html -DOUT=draw_html.c \
#         -P embed.cmake
file(READ "${TEXT}" bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n   " bytes
       "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" " 0x\\1," bytes "${bytes}")
get_filename_component(file "${TEXT}" NAME)
file(WRITE "${OUT}" "/* ${file}, made by embed.cmake. */
#include \"pages/texts.h\"

static const unsigned char bytes[] = {
   ${bytes}
};

const mnist_piece ${NAME} = {bytes, sizeof bytes};
")
