// Metrics in the Prometheus text format: counters, gauges and histograms with labels, and the endpoint they are read at.
//
//   Counter appended = metrics.GetCounter("log_events_total", "Events written to the log.", {{"kind", "submitted"}});
//   appended.Increment();
//
// Label values come from small fixed sets (method, code, kind, tenants that the operator named), never from callers.
#ifndef GREENROOM_SERVICES_BASE_METRICS_H_
#define GREENROOM_SERVICES_BASE_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace greenroom {

using MetricLabels = std::map<std::string, std::string>;

// Counter, Gauge and Histogram are handles, cheap to copy and thread-safe; they live as long as their registry.
class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  // `by` is not negative.
  void Increment(double by = 1);
  double Value() const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void Set(double value);
  void Add(double by);
  double Value() const;

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void Observe(double value);

 private:
  prometheus::Histogram* histogram_;
};

// Seconds, for what takes from 100 microseconds to 10 seconds.
const std::vector<double>& LatencyBuckets();
// 1, 2, 4 ... 2^`last`: for sizes of batches and queues.
std::vector<double> PowersOfTwo(int last);

// Thread-safe. Asking again with the same name and labels gives the same metric; asking for a metric takes a lock and
// a lookup, so keep the handle. A name has one type, one help text and, for a histogram, one list of buckets.
class MetricsRegistry {
 public:
  MetricsRegistry();
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  Counter GetCounter(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  Gauge GetGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  // `buckets` are upper bounds, ascending.
  Histogram GetHistogram(absl::string_view name, absl::string_view help, const std::vector<double>& buckets,
                         const MetricLabels& labels = {});

  // build_info{service, version} 1.
  void SetBuildInfo(absl::string_view service, absl::string_view version);

  // Everything, as it is served.
  std::string Text() const;

 private:
  friend class MetricsEndpoint;
  class Registry;
  std::unique_ptr<Registry> registry_;
};

// An HTTP server with `registry` at /metrics. Stops when destroyed; `registry` must outlive it.
class MetricsEndpoint {
 public:
  // `address` is "host:port"; port 0 takes a free one. UNAVAILABLE when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Listen(absl::string_view address,
                                                                 const MetricsRegistry& registry);
  ~MetricsEndpoint();

  int port() const { return port_; }

 private:
  class Exposer;
  MetricsEndpoint(std::unique_ptr<Exposer> exposer, int port);
  std::unique_ptr<Exposer> exposer_;
  int port_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_METRICS_H_
