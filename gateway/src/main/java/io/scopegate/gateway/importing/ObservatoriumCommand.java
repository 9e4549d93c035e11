package io.scopegate.gateway.importing;

import io.scopegate.gateway.cli.Main;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scopegate import observatorium}. */
@Command(
    name = "observatorium",
    description = "From the two files of the tempo-operator's gateway, the Observatorium API.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ObservatoriumCommand implements Callable<Integer> {
  @Option(
      names = "--tenants",
      required = true,
      paramLabel = "FILE",
      description = "The file of its option --tenants.config.")
  private Path tenants;

  @Option(
      names = "--rbac",
      required = true,
      paramLabel = "FILE",
      description = "The file of its option --rbac.config.")
  private Path rbac;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getErr().println("scopegate: " + tenants + ", " + rbac);
    return Main.WRONG;
  }
}
