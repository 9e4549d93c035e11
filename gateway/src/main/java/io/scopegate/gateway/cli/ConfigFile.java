package io.scopegate.gateway.cli;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --config}, and how its file is loaded and its problems are shown. */
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ConfigFile {
  @Option(
      names = {"-c", "--config"},
      required = true,
      paramLabel = "FILE",
      description = "The configuration file.")
  private Path file;

  /** Loads the file; problems go to {@code err}, one a line. */
  LoadedConfig load(PrintWriter err) {
    return load(file, err);
  }

  /** Loads any file; problems go to {@code err}, one a line. */
  static LoadedConfig load(Path file, PrintWriter err) {
    return shown(LoadedConfig.load(file, System::getenv), err);
  }

  /** Shows the problems of what was loaded. */
  static LoadedConfig shown(LoadedConfig loaded, PrintWriter err) {
    loaded.problems().forEach(err::println);
    err.flush();
    return loaded;
  }
}
