#include "cli/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/administrator.h"
#include "cli/migrate.h"
#include "server/serve.h"
#include "server/settings.h"
#include "server/version.h"

namespace tarn::cli {

namespace {

// Flags that every command which opens an installation understands.
struct CommonFlags {
    std::string config;
    std::vector<std::string> assignments;  // key=value
    std::string data_folder;
    std::string listen_address;
    std::string log_level;

    void add_to(CLI::App& command) {
        command.add_option("-c,--config", config, "YAML file of configuration keys");
        command.add_option("--set", assignments,
                           "a configuration key: --set database.local.path=/srv/kv");
        command.add_option("--data-folder", data_folder,
                           "home of all data (default ~/.local/share/tarn)");
        command.add_option("--log-level", log_level, "trace, debug, info, warning, error or none");
    }
};

std::vector<std::string> environment_names() {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        names.emplace_back(text.substr(0, text.find('=')));
    }
    return names;
}

std::optional<std::string> read_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

server::Settings read_settings(const CommonFlags& flags) {
    server::Settings settings;
    if (!flags.config.empty()) settings.read_file(flags.config);
    const auto names = environment_names();
    settings.read_environment(names, read_variable);
    for (const std::string& assignment : flags.assignments) {
        const auto equals = assignment.find('=');
        if (equals == std::string::npos) {
            throw Error(Code::invalid_argument,
                        fmt::format("--set '{}' must be key=value", assignment));
        }
        settings.set(assignment.substr(0, equals), assignment.substr(equals + 1), "--set");
    }
    if (!flags.data_folder.empty()) settings.set("data_folder", flags.data_folder, "--data-folder");
    if (!flags.listen_address.empty())
        settings.set("listen_address", flags.listen_address, "--listen-address");
    if (!flags.log_level.empty()) settings.set("logging.level", flags.log_level, "--log-level");
    return settings;
}

void add_serve(CLI::App& app, CommonFlags& flags, int& status) {
    CLI::App* command =
        app.add_subcommand("serve", "Run the server until SIGTERM or Ctrl-C")->alias("run");
    flags.add_to(*command);
    command->add_option("--listen-address", flags.listen_address,
                        "host:port (default 127.0.0.1:8000)");
    command->callback(
        [&flags, &status] { status = server::serve(server::read_options(read_settings(flags))); });
}

void add_administrator(CLI::App& app, CommonFlags& flags, AdministratorRequest& request) {
    const auto add_key_flags = [&request](CLI::App& command) {
        command.add_option("--access-key-id", request.access_key_id,
                           "use this key instead of a new one");
        command.add_option("--secret-access-key", request.secret_access_key, "and its secret");
    };
    CLI::App* setup = app.add_subcommand("setup", "Create the administrator of a new installation")
                          ->alias("init");
    flags.add_to(*setup);
    setup->add_option("--user-name", request.user_name, "name of the administrator")->required();
    add_key_flags(*setup);
    setup->callback(
        [&flags, &request] { set_up(server::read_options(read_settings(flags)), request); });

    CLI::App* superuser = app.add_subcommand(
        "superuser",
        "Give the administrator new keys in place of lost ones; the server must be stopped");
    flags.add_to(*superuser);
    superuser->add_option("--user-name", request.user_name,
                          "name of the administrator (default: as it is)");
    add_key_flags(*superuser);
    superuser->callback(
        [&flags, &request] { replace_keys(server::read_options(read_settings(flags)), request); });
}

void add_config(CLI::App& app, CommonFlags& flags) {
    CLI::App* command =
        app.add_subcommand("config", "Print every configuration key, its value and its source");
    flags.add_to(*command);
    command->callback([&flags] { fmt::print("{}", read_settings(flags).describe()); });
}

void add_migrate(CLI::App& app, CommonFlags& flags) {
    CLI::App* command = app.add_subcommand("migrate", "The version of the rows in the database");
    command->require_subcommand(1);
    CLI::App* version = command->add_subcommand("version", "Print it");
    flags.add_to(*version);
    version->callback(
        [&flags] { print_schema_version(server::read_options(read_settings(flags))); });
    CLI::App* up = command->add_subcommand(
        "up", "Take older rows to the version of this program; all servers must be stopped");
    flags.add_to(*up);
    up->callback([&flags] { migrate_up(server::read_options(read_settings(flags))); });
}

}  // namespace

int run(int count, char** arguments) {
    CLI::App app("Tarn: git for data lakes. An S3 endpoint and a REST API over versioned objects.",
                 "tarn");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string(server::version));
    CommonFlags flags;
    AdministratorRequest request;
    int status = 0;
    add_serve(app, flags, status);
    add_administrator(app, flags, request);
    add_config(app, flags);
    add_migrate(app, flags);
    app.add_subcommand("version", "Print the version")->callback([] {
        fmt::print("tarn {}\n", server::version);
    });
    try {
        app.parse(count, arguments);
        return status;
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const Error& error) {
        fmt::print(stderr, "tarn: {}\n", error.message());
    } catch (const std::exception& error) {
        fmt::print(stderr, "tarn: {}\n", error.what());
    }
    return 1;
}

}  // namespace tarn::cli
