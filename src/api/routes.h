#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "api/call.h"

namespace tarn::api {

// One operation of api/openapi.yaml.
struct Operation {
    std::string_view id;      // "listBranches"
    std::string_view method;  // "GET"
    std::string_view path;    // "/repositories/{repository}/branches"
    Task<http::Response> (*run)(Call&);
};

// The generated tree of path segments: a node's literal children are a stretch of edges.
struct Edge {
    std::string_view segment;
    int node;
};
struct RouteNode {
    int edges_first;
    int edges_count;
    int variable;                   // the child for any other segment; -1: none
    std::array<int, 6> operations;  // by method; -1: none
};
std::span<const Operation> all_operations();
std::span<const Edge> all_edges();
std::span<const RouteNode> all_nodes();

struct Route {
    const Operation* operation = nullptr;
    Segments segments;
};

// The operation for a method and a path below /api/v1 ("/repositories/x"), still percent-encoded.
// Nothing for an unknown path, an empty segment or another method.
std::optional<Route> find_route(std::string_view method, std::string_view path);

}  // namespace tarn::api
