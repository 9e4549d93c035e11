package io.scopegate.gateway.importing;

import io.scopegate.config.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scopegate import observatorium}. */
@Command(
    name = "observatorium",
    description = "Import the two files of the tempo-operator's gateway, the Observatorium API.",
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

  @Parameters(
      paramLabel = "FLAGS",
      arity = "0..*",
      description = "After --: the flags that it was started with.")
  private List<String> arguments = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Notes notes = new Notes();
    GatewayFlags flags;
    try {
      flags = GatewayFlags.parse(arguments, notes);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
    return print(ObservatoriumImport.read(tenants, rbac, flags, notes));
  }

  private int print(ObservatoriumImport imported) {
    List<Problem> problems = imported.problems();
    if (problems.isEmpty()) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(imported.configuration());
      out.flush();
      return ExitCode.OK;
    }
    PrintWriter err = spec.commandLine().getErr();
    problems.forEach(err::println);
    imported.notes().forEach(note -> err.println("note: " + note));
    err.flush();
    return ExitCode.SOFTWARE;
  }
}
