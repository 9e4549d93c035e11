package io.scopegate.gateway.cli;

import io.scopegate.gateway.importing.ImportCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code scopegate}. */
@Command(
    name = "scopegate",
    description = "Authorizing gateway for a multi-tenant Grafana Tempo.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
public final class Main implements Runnable {
  /** Success. */
  public static final int OK = 0;

  /** The input is wrong. */
  public static final int WRONG = 1;

  /** The command line itself is wrong. */
  public static final int USAGE = 2;

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /**
   * Runs a command.
   *
   * @param args the command line
   * @param extraSubcommands objects with picocli's {@link Command}, in addition to those here
   * @return the exit code
   */
  public static int run(String[] args, Object... extraSubcommands) {
    return commandLine(extraSubcommands).execute(args);
  }

  static CommandLine commandLine(Object... extraSubcommands) {
    CommandLine commandLine =
        new CommandLine(new Main())
            .addSubcommand(new ServeCommand(ServeLifecycle::serve))
            .addSubcommand(new CheckCommand())
            .addSubcommand(new ConfigCommand())
            .addSubcommand(new ExplainCommand(System.in))
            .addSubcommand(new DoctorCommand(System.in))
            .addSubcommand(new TopCommand())
            .addSubcommand(new SchemaCommand())
            .addSubcommand(new TenantCommand())
            .addSubcommand(new ImportCommand())
            .addSubcommand(new Completion())
            .addSubcommand(new VersionCommand())
            .addSubcommand(new CommandLine.HelpCommand());
    for (Object subcommand : extraSubcommands) {
      commandLine.addSubcommand(subcommand);
    }
    return commandLine
        .setExecutionExceptionHandler(Main::failed)
        .setParameterExceptionHandler(new UsageErrors());
  }

  /** Reports a defect or a failure of the machine: one line, no stack trace. */
  private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult ignored) {
    PrintWriter err = commandLine.getErr();
    err.println("scopegate: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
    return WRONG;
  }

  /** Without a subcommand. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
