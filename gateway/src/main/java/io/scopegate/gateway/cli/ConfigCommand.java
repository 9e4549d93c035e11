package io.scopegate.gateway.cli;

import io.scopegate.config.EffectiveYaml;
import io.scopegate.gateway.configuration.LoadedConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scopegate config}. */
@Command(
    name = "config",
    description = "Print the effective configuration, defaults included, secrets masked.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ConfigCommand implements Callable<Integer> {
  @Mixin private ConfigFile config;

  @Option(names = "--changed", description = "Print only what differs from the defaults.")
  private boolean changed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    LoadedConfig loaded = config.load(spec.commandLine().getErr());
    if (!loaded.isValid()) {
      return Main.WRONG;
    }
    spec.commandLine()
        .getOut()
        .print(changed ? EffectiveYaml.changed(loaded.given()) : EffectiveYaml.of(loaded.config()));
    spec.commandLine().getOut().flush();
    return Main.OK;
  }
}
