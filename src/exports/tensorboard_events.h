// SPDX-License-Identifier: Apache-2.0
// TensorBoard's event files: records with checksums around protocol buffers.
//   record: u64 length | u32 masked crc32c of these 8 bytes | data | u32 masked crc32c of data     little-endian
// Source: tensorboard/compat/proto/{event,summary,tensor}.proto, tensorboard/plugins/hparams/plugin_data.proto,
// TensorFlow's record format (tensorflow/core/lib/io/record_writer.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace normadd::exports {

/// CRC-32C (Castagnoli): of "123456789" it is 0xE3069283.
std::uint32_t crc32c(std::string_view bytes);
/// Rotated by 15 bits plus a constant, so that checksums of data that holds checksums stay good.
std::uint32_t masked_crc32c(std::string_view bytes);

/// A hyperparameter or one value of it. Exactly one member counts: number, flag, else text.
struct HyperparameterValue {
  std::optional<double> number;
  std::optional<bool> flag;
  std::string text;
};

struct Hyperparameter {
  std::string name;
  HyperparameterValue value;
};

/// A column of the HPARAMS tab: a name, all values that runs have, in order of appearance.
struct HyperparameterColumn {
  std::string name;
  std::vector<HyperparameterValue> values;
};

/// A file's bytes. All events have step 0 and the time given, in seconds since 1970.
class EventFile {
 public:
  explicit EventFile(double time_s);
  void add_scalar(const std::string& tag, double value);
  /// png: a complete file, RGB. Throws DataError naming where when it is no PNG.
  void add_image(const std::string& tag, std::string_view png, const std::string& where);
  /// The columns of the HPARAMS tab, for a whole log directory; metrics are tags of scalars.
  void add_experiment(const std::vector<HyperparameterColumn>& columns, const std::vector<std::string>& metrics);
  /// One row of the HPARAMS tab. TensorBoard takes rows with equal group names as repetitions of one.
  void add_session(const std::vector<Hyperparameter>& values, const std::string& group, double end_s);

  const std::string& bytes() const { return bytes_; }

 private:
  void add_record(std::string_view data);
  void add_hparams(const std::string& tag, std::string_view plugin_data);
  void add_value(std::string_view value);
  double time_s_;
  std::string bytes_;
};

}  // namespace normadd::exports
