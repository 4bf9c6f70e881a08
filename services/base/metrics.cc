#include "services/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace greenroom {

void Counter::Increment(double by) { counter_->Increment(by); }
double Counter::Value() const { return counter_->Value(); }
void Gauge::Set(double value) { gauge_->Set(value); }
void Gauge::Add(double by) { gauge_->Increment(by); }
double Gauge::Value() const { return gauge_->Value(); }
void Histogram::Observe(double value) { histogram_->Observe(value); }

const std::vector<double>& LatencyBuckets() {
  static const auto& buckets = *new std::vector<double>{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return buckets;
}

std::vector<double> PowersOfTwo(int last) {
  std::vector<double> buckets;
  for (int power = 0; power <= last; ++power) buckets.push_back(static_cast<double>(int64_t{1} << power));
  return buckets;
}

class MetricsRegistry::Registry : public prometheus::Registry {};

MetricsRegistry::MetricsRegistry() : registry_(std::make_unique<Registry>()) {}
MetricsRegistry::~MetricsRegistry() = default;

Counter MetricsRegistry::GetCounter(absl::string_view name, absl::string_view help,
                                    const MetricLabels& labels) {
  return Counter(prometheus::BuildCounter()
                     .Name(std::string(name))
                     .Help(std::string(help))
                     .Register(*registry_)
                     .Add(labels));
}

Gauge MetricsRegistry::GetGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Gauge(prometheus::BuildGauge()
                   .Name(std::string(name))
                   .Help(std::string(help))
                   .Register(*registry_)
                   .Add(labels));
}

Histogram MetricsRegistry::GetHistogram(absl::string_view name, absl::string_view help,
                                        const std::vector<double>& buckets, const MetricLabels& labels) {
  return Histogram(prometheus::BuildHistogram()
                       .Name(std::string(name))
                       .Help(std::string(help))
                       .Register(*registry_)
                       .Add(labels, buckets));
}

void MetricsRegistry::SetBuildInfo(absl::string_view service, absl::string_view version) {
  GetGauge("build_info", "Which program this is.",
           {{"service", std::string(service)}, {"version", std::string(version)}})
      .Set(1);
}

std::string MetricsRegistry::Text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

class MetricsEndpoint::Exposer {
 public:
  Exposer(const std::string& address, prometheus::Registry& registry)
      : exposer_(address, /*num_threads=*/2),
        // Not owned: the endpoint ends before the registry does.
        registry_(std::shared_ptr<void>(), &registry) {
    exposer_.RegisterCollectable(registry_);
  }
  int port() const { return exposer_.GetListeningPorts().at(0); }

 private:
  prometheus::Exposer exposer_;
  std::shared_ptr<prometheus::Registry> registry_;
};

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Listen(absl::string_view address,
                                                                         const MetricsRegistry& registry) {
  // civetweb and its wrapper throw.
  try {
    auto exposer = std::make_unique<Exposer>(std::string(address), *registry.registry_);
    const int port = exposer->port();
    return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(exposer), port));
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("cannot serve metrics at ", address, ": ", error.what()));
  }
}

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<Exposer> exposer, int port)
    : exposer_(std::move(exposer)), port_(port) {}
MetricsEndpoint::~MetricsEndpoint() = default;

}  // namespace greenroom
