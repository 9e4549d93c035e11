package io.scopegate.gateway.cli;

import io.scopegate.gateway.importing.ImportCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command {@code scopegate}. What starts a gateway in a container, {@code serve} with a file,
 * does without the parser of command lines ({@link PlainServe}).
 */
public final class Main {
  /** Success. */
  public static final int OK = 0;

  /** The input is wrong. */
  public static final int WRONG = 1;

  /** The command line itself is wrong. */
  public static final int USAGE = 2;

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
    Path file = PlainServe.file(args);
    if (file != null) {
      return PlainServe.run(file, new PrintWriter(System.err, true), ServeLifecycle::serve);
    }
    return commandLine(extraSubcommands).execute(args);
  }

  static CommandLine commandLine(Object... extraSubcommands) {
    CommandLine commandLine =
        new CommandLine(new RootCommand())
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
        .setExecutionExceptionHandler((e, line, parsed) -> failed(e, line.getErr()))
        .setParameterExceptionHandler(new UsageErrors());
  }

  /**
   * Reports a defect or a failure of the machine: one line, no stack trace.
   *
   * @return the exit code
   */
  static int failed(Exception e, PrintWriter err) {
    err.println("scopegate: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
    return WRONG;
  }
}
