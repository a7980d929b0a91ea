// SPDX-License-Identifier: Apache-2.0
// Where weights are looked for and downloaded from, as the environment of huggingface_hub's users says.
#pragma once

#include "weights/catalogue.h"
#include "weights/hub_client.h"

namespace normadd::tools {

/// The program's cards; HF_HUB_CACHE, else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else
/// ~/.cache/huggingface/hub; for our own notes XDG_CACHE_HOME/normadd/weights, else ~/.cache/normadd/weights.
weights::Places weight_places();

/// HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE; trusted authorities from CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE or SSL_CERT_FILE.
weights::Hub hub_from_environment();

}  // namespace normadd::tools
