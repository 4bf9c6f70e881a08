/* FSRS-6 for C, Swift, Kotlin and Dart: the same code as the service's (fsrs.h says what everything is). No state, no
   memory to free, safe on every thread. `weights` points to 21 numbers, or is NULL for the default ones. A function answers 1, or 0
   where an argument is out of its bounds; then it has written nothing. */
#ifndef GREENROOM_SERVICES_SESSION_FSRS_FSRS_C_H_
#define GREENROOM_SERVICES_SESSION_FSRS_FSRS_C_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  double stability;  /* days */
  double difficulty; /* 1 to 10 */
} greenroom_fsrs_memory;

/* rating: 1 again, 2 hard, 3 good, 4 easy. */
int greenroom_fsrs_first(const double* weights, int rating, greenroom_fsrs_memory* memory);

/* Takes the memory before the review and writes the one after it. days: since the last review, 0 or more. */
int greenroom_fsrs_next(const double* weights, double days, int rating, greenroom_fsrs_memory* memory);

/* The probability of recall after so many days. */
int greenroom_fsrs_retrievability(const double* weights, double days, double stability, double* recall);

/* Whole days until recall is `retention`, in (0, 1); `u` in [0, 1) picks a day of the fuzzed range, below 0 takes the
   interval itself. */
int greenroom_fsrs_interval(const double* weights, double retention, double stability, double u, int* days);

/* When an item is due (interval.h): three calls, and SHA-256 from the platform.

   The bytes that the fuzz is drawn from, at most `size` of them, into `seed`; ids as strings that end in NUL, `count` the
   item's reviews with this one, 0 or more. Answers how many bytes there are, 0 where they do not fit; no NUL ends them. */
size_t greenroom_fsrs_fuzz_seed(const char* tenant, const char* learner, const char* pack,
                                const char* question, long long count, char* seed, size_t size);

/* `u` from the 32 bytes of SHA-256 of the seed; in [0, 1]. */
double greenroom_fsrs_fuzz(const unsigned char* digest);

/* Whole days from the day of a review rated `rating` that left `stability` until the next. `after_sure_failure`: not 0 where
   the learner was sure of a failed answer, and this is the first review since that was not failed. `u` in [0, 1]. */
int greenroom_fsrs_next_interval(const double* weights, double retention, double stability, int rating,
                                 int after_sure_failure, double u, int* days);

#ifdef __cplusplus
}
#endif

#endif /* GREENROOM_SERVICES_SESSION_FSRS_FSRS_C_H_ */
