#include "cli/commands.h"

int main(int count, char** arguments) {
    return tarn::cli::run(count, arguments);
}
