#include "server/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <fstream>
#include <utility>
#include <vector>

namespace tarn::server {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type, double value) {
    prometheus::ClientMetric metric;
    if (type == MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    return {std::move(name), std::move(help), type, {metric}};
}

double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double size = 0;
    double resident = 0;
    statm >> size >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

MetricFamily limits_family(const std::vector<Limit>& limits) {
    MetricFamily shown{
        "tarn_limit", "bounds of this server, by configuration key", MetricType::Gauge, {}};
    for (const Limit& limit : limits) {
        prometheus::ClientMetric metric;
        metric.label = {{"key", limit.key}};
        metric.gauge.value = limit.value;
        shown.metric.push_back(std::move(metric));
    }
    return shown;
}

}  // namespace

Metrics::Metrics(const BufferPool& buffers, std::vector<Limit> limits)
    : buffers_(buffers), limits_(std::move(limits)) {}

std::string Metrics::text() const {
    std::vector<MetricFamily> families;
    if (server_ != nullptr) {
        const http::ServerCounters counters = server_->counters();
        const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
        families = {
            family("tarn_http_connections_open", "connections of clients", MetricType::Gauge,
                   number(counters.connections_open)),
            family("tarn_http_requests_running", "requests being answered", MetricType::Gauge,
                   number(counters.requests_running)),
            family("tarn_http_requests_total", "requests answered", MetricType::Counter,
                   number(counters.requests_total)),
            family("tarn_http_requests_refused_total",
                   "requests refused for limits.requests_per_core", MetricType::Counter,
                   number(counters.requests_refused)),
        };
    }
    families.push_back(family("tarn_body_buffer_bytes", "memory of bodies on their way",
                              MetricType::Gauge, static_cast<double>(buffers_.bytes_out())));
    families.push_back(limits_family(limits_));
    families.push_back(family("process_resident_memory_bytes", "resident memory", MetricType::Gauge,
                              resident_bytes()));
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace tarn::server
