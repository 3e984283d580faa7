#include "api/routes.h"

namespace tarn::api {
namespace {

// The order of RouteNode::operations.
constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

int method_index(std::string_view method) {
    for (int index = 0; index < 6; ++index) {
        if (methods[index] == method) return index;
    }
    return -1;
}

// Walks the tree; a literal segment goes before a variable one, which is tried when the literal
// leads nowhere.
bool walk(int at, std::string_view rest, int method, Route& route) {
    const RouteNode& node = all_nodes()[static_cast<std::size_t>(at)];
    if (rest.empty()) {
        const int found = node.operations[static_cast<std::size_t>(method)];
        if (found < 0) return false;
        route.operation = &all_operations()[static_cast<std::size_t>(found)];
        return true;
    }
    rest.remove_prefix(1);
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    const std::string_view tail =
        slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (segment.empty()) return false;
    const auto edges = all_edges().subspan(static_cast<std::size_t>(node.edges_first),
                                           static_cast<std::size_t>(node.edges_count));
    for (const Edge& edge : edges) {
        if (edge.segment == segment && walk(edge.node, tail, method, route)) return true;
    }
    if (node.variable < 0 || route.segments.count == Segments::count_max) return false;
    route.segments.values[route.segments.count++] = segment;
    if (walk(node.variable, tail, method, route)) return true;
    --route.segments.count;
    return false;
}

}  // namespace

std::optional<Route> find_route(std::string_view method, std::string_view path) {
    const int index = method_index(method);
    if (index < 0 || !path.starts_with('/')) return std::nullopt;
    Route route;
    if (!walk(0, path, index, route)) return std::nullopt;
    return route;
}

}  // namespace tarn::api
