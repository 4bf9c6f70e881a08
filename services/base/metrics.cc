#include "services/base/metrics.h"

#include <netdb.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/config.h"

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

namespace {

// Opens and closes a connection to `host`:`port`.
void Knock(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return;
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    (void)connect(fd, found->ai_addr, found->ai_addrlen);
    close(fd);
  }
  freeaddrinfo(found);
}

}  // namespace

class MetricsEndpoint::Exposer {
 public:
  Exposer(const HostPort& address, prometheus::Registry& registry)
      : host_(address.host),
        exposer_(std::make_unique<prometheus::Exposer>(address.ToString(), /*num_threads=*/2)),
        // Not owned: the endpoint ends before the registry does.
        registry_(&registry, [](prometheus::Registry*) {}) {
    exposer_->RegisterCollectable(registry_);
  }

  ~Exposer() {
    // civetweb looks whether it shall stop when a connection comes, or else every 2 s.
    const std::string port = absl::StrCat(this->port());
    std::atomic<bool> stopped = false;
    std::thread waker([&] {
      while (!stopped) {
        Knock(host_, port);
        absl::SleepFor(absl::Milliseconds(5));
      }
    });
    exposer_.reset();
    stopped = true;
    waker.join();
  }

  int port() const { return exposer_->GetListeningPorts().at(0); }

 private:
  const std::string host_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::shared_ptr<prometheus::Registry> registry_;
};

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Listen(absl::string_view address,
                                                                         const MetricsRegistry& registry) {
  const std::optional<HostPort> parsed = ParseHostPort(address);
  if (!parsed.has_value()) return absl::InvalidArgumentError(absl::StrCat(address, " is not host:port"));
  // civetweb and its wrapper throw.
  try {
    auto exposer = std::make_unique<Exposer>(*parsed, *registry.registry_);
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
