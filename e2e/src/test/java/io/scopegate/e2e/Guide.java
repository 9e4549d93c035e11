package io.scopegate.e2e;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A document and what it has its readers do: blocks of {@code console} and {@code sh}. A comment
 * before a block, invisible to readers, says which of its commands no test can run, by words of
 * them: {@code <!-- needs a cluster: helm, rollout -->} or {@code <!-- not run: docker -->}.
 */
final class Guide {
  private static final Pattern BLOCK =
      Pattern.compile(
          "^(?: *<!-- (?:needs a cluster|not run): ([^\\n]*) -->\\n)?"
              + " *```(console|sh)\\n(.*?)^ *```$",
          Pattern.MULTILINE | Pattern.DOTALL);

  private final String path;
  private final String text;

  private Guide(String path, String text) {
    this.path = path;
    this.text = text;
  }

  /** A document of the repository. */
  static Guide of(String path) {
    return new Guide(path, Scratch.read(Scratch.repository(path)));
  }

  /**
   * Commands that stand together.
   *
   * @param left words of those that are not run
   * @param commands each with all of its lines
   */
  record Block(List<String> left, List<String> commands) {
    /** Those that a test has to run. */
    List<String> runnable() {
      return commands.stream().filter(command -> !isLeft(command)).toList();
    }

    private boolean isLeft(String command) {
      return left.stream().anyMatch(command::contains);
    }
  }

  /** All of them, in order. */
  List<Block> blocks() {
    return BLOCK.matcher(text).results().map(Guide::block).toList();
  }

  /** Those below a heading, such as {@code ### 1. Say where Tempo is}. */
  List<Block> below(String heading) {
    return new Guide(path, section(heading)).blocks();
  }

  /** The first block of a language below a heading whose text begins like this. */
  String shown(String heading, String language, String beginning) {
    return Pattern.compile(
            "^```" + language + "\\n(" + Pattern.quote(beginning) + ".*?)^```$",
            Pattern.MULTILINE | Pattern.DOTALL)
        .matcher(section(heading))
        .results()
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(path + ": " + heading + ": " + beginning));
  }

  /** The text from a heading to the next one that is not below it. */
  String section(String heading) {
    int begin = text.indexOf("\n" + heading + "\n");
    if (begin < 0) {
      throw new IllegalStateException(path + ": no " + heading);
    }
    Pattern next = Pattern.compile("#{1," + heading.indexOf(' ') + "} .*");
    StringBuilder section = new StringBuilder();
    boolean isText = true;
    for (String line : text.substring(begin + heading.length() + 2).split("\n")) {
      isText ^= line.stripLeading().startsWith("```");
      if (isText && next.matcher(line).matches()) {
        break;
      }
      section.append(line).append('\n');
    }
    return section.toString();
  }

  private static Block block(MatchResult found) {
    @Nullable String left = found.group(1);
    boolean prompts = found.group(2).equals("console");
    return new Block(
        left == null ? List.of() : Arrays.asList(left.split(", ")),
        commands(found.group(3).stripTrailing().stripIndent(), prompts));
  }

  private static List<String> commands(String block, boolean prompts) {
    List<String> commands = new ArrayList<>();
    StringBuilder command = new StringBuilder();
    for (String line : block.split("\n")) {
      boolean begins = command.isEmpty() && (!prompts || line.startsWith("$ "));
      if (begins) {
        command.append(prompts ? line.substring(2) : line);
      } else if (!command.isEmpty()) {
        command.append('\n').append(line);
      }
      if (!command.isEmpty() && isComplete(command.toString())) {
        commands.add(command.toString());
        command.setLength(0);
      }
    }
    return commands;
  }

  /** Whether a shell would not wait for more lines. */
  private static boolean isComplete(String command) {
    long quotes = command.chars().filter(c -> c == '\'').count();
    boolean here = command.contains("<<'EOF'");
    return here
        ? command.endsWith("\nEOF")
        : !command.endsWith("\\") && !command.endsWith("|") && quotes % 2 == 0;
  }

  @Override
  public String toString() {
    return path;
  }
}
