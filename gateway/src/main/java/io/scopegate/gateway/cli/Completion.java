package io.scopegate.gateway.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scopegate completion}. */
@Command(
    name = "completion",
    description = {
      "Print a completion script for a shell. For the running one:",
      "  source <(scopegate completion bash)   also with zsh",
      "  scopegate completion fish | source"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class Completion implements Callable<Integer> {
  /** The shells. */
  enum Shell {
    bash,
    zsh,
    fish
  }

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
  private Shell shell;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine root = spec.commandLine().getParent();
    PrintWriter out = spec.commandLine().getOut();
    out.print(shell == Shell.fish ? fish(root) : AutoComplete.bash("scopegate", root));
    out.flush();
    return Main.OK;
  }

  private static String fish(CommandLine root) {
    StringBuilder script = new StringBuilder();
    root.getSubcommands()
        .forEach((name, command) -> {
          script
              .append("complete -c scopegate -f -n __fish_use_subcommand -a ")
              .append(name)
              .append(" -d ")
              .append(quoted(command.getCommandSpec().usageMessage().description()))
              .append('\n');
          for (OptionSpec option : command.getCommandSpec().options()) {
            option(name, option, script);
          }
        });
    return script.toString();
  }

  private static void option(String command, OptionSpec option, StringBuilder script) {
    script.append("complete -c scopegate -n '__fish_seen_subcommand_from ").append(command);
    script.append('\'');
    for (String name : option.names()) {
      boolean isLong = name.startsWith("--");
      script.append(isLong ? " -l " : " -s ").append(name.substring(isLong ? 2 : 1));
    }
    if (option.arity().max() > 0) {
      script.append(option.paramLabel().contains("FILE") ? " -r -F" : " -r");
    }
    script.append(" -d ").append(quoted(option.description())).append('\n');
  }

  private static String quoted(String[] text) {
    String first = text.length == 0 ? "" : text[0];
    return "'" + first.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
