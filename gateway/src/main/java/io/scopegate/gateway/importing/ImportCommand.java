package io.scopegate.gateway.importing;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scopegate import}; its first word says from what. */
@Command(
    name = "import",
    description = "Print the configuration that is equivalent to another gateway's.",
    mixinStandardHelpOptions = true,
    subcommands = {KubeRbacProxyCommand.class, ObservatoriumCommand.class})
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
public final class ImportCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Without a further word. */
  @Override
  public void run() {
    String known = String.join(", ", spec.subcommands().keySet());
    throw new ParameterException(
        spec.commandLine(), "import: a command is missing (expected: one of " + known + ")");
  }
}
