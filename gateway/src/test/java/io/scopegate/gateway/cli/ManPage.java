package io.scopegate.gateway.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The man page of a command and its subcommands, from what they say of themselves, in the macros of
 * <a href="https://man7.org/linux/man-pages/man7/groff_man.7.html">man(7)</a>.
 */
final class ManPage {
  private static final Pattern CODE = Pattern.compile("`([^`]*)`");
  private static final String END =
      """
      .SH EXIT STATUS
      .TP
      .B 0
      Success.
      .TP
      .B 1
      The input is wrong, or the command found something wrong.
      .TP
      .B 2
      The command line is wrong.
      .PP
      .B explain \\-\\-exit\\-code
      also exits with 3 when nobody could decide.
      .SH ENVIRONMENT
      A configuration may name any variable, as
      .B ${NAME}
      or
      .BR ${NAME:\\-default} .
      .PP
      The launcher
      .B ./scopegate
      also reads
      .B JAVA_HOME
      and
      .BR SCOPEGATE_JAVA_OPTS .
      .SH SIGNALS
      .B serve
      ends after its requests on SIGTERM and SIGINT, and reloads its configuration on SIGHUP.
      """;

  private final StringBuilder page = new StringBuilder();

  private ManPage() {}

  /** The page of this command. */
  static String of(CommandLine root) {
    ManPage page = new ManPage();
    page.write(root);
    return page.page.toString();
  }

  private void write(CommandLine root) {
    CommandSpec spec = root.getCommandSpec();
    line(".\\\" Generated from the commands themselves: do not edit.");
    line(".TH SCOPEGATE 1 \"\" \"Scopegate\" \"User Commands\"");
    line(".SH NAME");
    String about = String.join(" ", spec.usageMessage().description());
    line(spec.name() + " \\- " + text(about.replaceFirst("\\.$", "")));
    line(".SH SYNOPSIS");
    line(".B " + spec.name());
    line("\\fICOMMAND\\fR [\\fIOPTION\\fR]...");
    line(".SH OPTIONS");
    line("Every command has these:");
    options(spec.options());
    line(".SH COMMANDS");
    commands(root, "");
    page.append(END);
  }

  private void commands(CommandLine parent, String prefix) {
    for (CommandLine command : new LinkedHashSet<>(parent.getSubcommands().values())) {
      CommandSpec spec = command.getCommandSpec();
      String name = prefix + spec.name();
      line(".SS " + text(name + arguments(spec)));
      paragraphs(spec.usageMessage().description());
      parameters(spec.positionalParameters());
      options(spec.options().stream().filter(option -> !isGeneral(option)).toList());
      paragraphs(spec.usageMessage().footerHeading().replace("%n", "").strip());
      literally(spec.usageMessage().footer());
      commands(command, name + " ");
    }
  }

  private static String arguments(CommandSpec spec) {
    String positional =
        spec.positionalParameters().stream()
            .filter(parameter -> !parameter.hidden())
            .map(parameter ->
                parameter.required() ? " " + label(parameter) : " [" + label(parameter) + "]")
            .collect(Collectors.joining());
    return (spec.options().isEmpty() ? "" : " [OPTION]...") + positional;
  }

  private static String label(ArgSpec argument) {
    String label = argument.paramLabel();
    return label.matches("[<\\[].*|[A-Z/_|-]+") ? label : "<" + label + ">";
  }

  private static boolean isGeneral(OptionSpec option) {
    return option.usageHelp() || option.versionHelp();
  }

  private void parameters(List<PositionalParamSpec> parameters) {
    for (PositionalParamSpec parameter : parameters) {
      if (!parameter.hidden()) {
        entry("\\fI" + text(label(parameter)) + "\\fR", parameter.description());
      }
    }
  }

  private void options(List<OptionSpec> options) {
    for (OptionSpec option : options) {
      if (!option.hidden()) {
        entry(names(option), option.description());
      }
    }
  }

  private static String names(OptionSpec option) {
    List<String> names = new ArrayList<>();
    for (String name : option.names()) {
      names.add("\\fB" + text(name) + "\\fR");
    }
    String all = String.join(", ", names);
    return option.arity().max() == 0 ? all : all + " \\fI" + text(option.paramLabel()) + "\\fR";
  }

  private void entry(String head, String[] description) {
    line(".TP");
    line(head);
    line(text(String.join(" ", description)));
  }

  /** Lines that are indented stay as they are. */
  private void paragraphs(String... lines) {
    for (String one : lines) {
      if (one.startsWith(" ")) {
        literally(one);
      } else if (!one.isEmpty()) {
        line(".PP");
        line(text(one).strip());
      }
    }
  }

  private void literally(String... lines) {
    if (lines.length > 0) {
      line(".PP");
      line(".nf");
      Arrays.stream(lines).map(one -> text(one.stripTrailing())).forEach(this::line);
      line(".fi");
    }
  }

  /** A hyphen that can be pasted, no line that reads as a macro, code in bold. */
  private static String text(String plain) {
    String escaped = plain.replace("\\", "\\e").replace("-", "\\-").replace("%n", " ");
    String bold = CODE.matcher(escaped).replaceAll("\\\\fB$1\\\\fR");
    return bold.matches("(?s)[.'].*") ? "\\&" + bold : bold;
  }

  private void line(String line) {
    page.append(line).append('\n');
  }
}
