package io.scopegate.gateway.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line before its subcommands: options of its own, and no work. */
@Command(
    name = "scopegate",
    description = "Authorizing gateway for a multi-tenant Grafana Tempo.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Text.class)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class RootCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Without a subcommand. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
