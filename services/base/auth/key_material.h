// What the keys are made of; for the .cc files of this folder.
#ifndef GREENROOM_SERVICES_BASE_AUTH_KEY_MATERIAL_H_
#define GREENROOM_SERVICES_BASE_AUTH_KEY_MATERIAL_H_

#include <string>

#include "services/base/auth/jose.h"
#include "services/base/auth/keys.h"

namespace greenroom::auth {

struct SigningKey::Material {
  JwkHandle jwk;
  std::string kid;
  std::string private_json;
  std::string public_json;
};

struct Jwks::Key {
  JwkHandle jwk;
  std::string json;  // as it stands in the set
};

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_KEY_MATERIAL_H_
