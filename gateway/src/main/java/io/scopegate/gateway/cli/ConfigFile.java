package io.scopegate.gateway.cli;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The option {@code --config}, or the file by itself, and how it is loaded and its problems are
 * shown.
 */
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ConfigFile {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration file.")
  private @Nullable Path option;

  @Parameters(arity = "0..1", paramLabel = "FILE", description = "The same without --config.")
  private @Nullable Path parameter;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The file that was named. */
  Path file() {
    if (option != null && parameter != null) {
      throw new ParameterException(
          spec.commandLine(), "two configuration files: " + option + " and " + parameter);
    }
    if (option != null) {
      return option;
    }
    if (parameter != null) {
      return parameter;
    }
    throw new ParameterException(spec.commandLine(), "Missing required option: '--config=FILE'");
  }

  /** Loads the file; problems go to {@code err}, one a line. */
  LoadedConfig load(PrintWriter err) {
    return PlainServe.load(file(), err);
  }

  /** Loads the file as on another machine than the gateway's. */
  LoadedConfig loadWithoutFiles(PrintWriter err) {
    return PlainServe.shown(LoadedConfig.loadWithoutFiles(file(), System::getenv), err);
  }
}
