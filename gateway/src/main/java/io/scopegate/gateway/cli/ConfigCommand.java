package io.scopegate.gateway.cli;

import io.scopegate.config.EffectiveYaml;
import io.scopegate.gateway.configuration.LoadedConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code scopegate config}. */
@Command(
    name = "config",
    description = "Print the effective configuration, defaults included, secrets masked.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ConfigCommand implements Callable<Integer> {
  @Mixin private ConfigFile config;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    LoadedConfig loaded = config.load(spec.commandLine().getErr());
    if (!loaded.isValid()) {
      return Main.WRONG;
    }
    spec.commandLine().getOut().print(EffectiveYaml.of(loaded.config()));
    spec.commandLine().getOut().flush();
    return Main.OK;
  }
}
