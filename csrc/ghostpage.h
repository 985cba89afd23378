/* The C interface for C: api.h with a guard, what it includes, and what must hold at compile time. */
#ifndef GHOSTPAGE_H
#define GHOSTPAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api.h"

#endif
