package io.scopegate.gateway.cli;

import io.scopegate.gateway.LoadedConfig;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code scopegate serve}. */
@Command(
    name = "serve",
    description = "Run the gateway until SIGTERM.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ServeCommand implements Callable<Integer> {
  private final ToIntFunction<LoadedConfig> gateway;
  @Mixin private ConfigFile config;
  @Spec private CommandSpec spec;

  /**
   * A command that serves by this.
   *
   * @param gateway serves a valid configuration and returns the exit code when it has ended
   */
  ServeCommand(ToIntFunction<LoadedConfig> gateway) {
    this.gateway = gateway;
  }

  @Override
  public Integer call() {
    LoadedConfig loaded = config.load(spec.commandLine().getErr());
    return loaded.isValid() ? gateway.applyAsInt(loaded) : Main.WRONG;
  }
}
