package io.scopegate.gateway.cli;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code scopegate check}. */
@Command(
    name = "check",
    description = "Validate a configuration file; print every problem with its position.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class CheckCommand implements Callable<Integer> {
  @Mixin private ConfigFile config;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    LoadedConfig loaded = config.load(spec.commandLine().getErr());
    if (!loaded.isValid()) {
      return Main.WRONG;
    }
    spec.commandLine().getOut().println(loaded.file() + ": fine");
    return Main.OK;
  }
}
