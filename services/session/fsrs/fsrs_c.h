/* FSRS-6 for C, Swift, Kotlin and Dart: the same code as the service's (fsrs.h says what everything is). No allocation, no
   state, safe on every thread. `weights` points to 21 numbers, or is NULL for the default ones. A function answers 1, or 0
   where an argument is out of its bounds; then it has written nothing. */
#ifndef GREENROOM_SERVICES_SESSION_FSRS_FSRS_C_H_
#define GREENROOM_SERVICES_SESSION_FSRS_FSRS_C_H_

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

#ifdef __cplusplus
}
#endif

#endif /* GREENROOM_SERVICES_SESSION_FSRS_FSRS_C_H_ */
