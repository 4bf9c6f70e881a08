// Whether this build is slowed down by a sanitizer: time bounds do not hold there.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_SANITIZED_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_SANITIZED_H_

namespace greenroom::scoring {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_SANITIZED_H_
