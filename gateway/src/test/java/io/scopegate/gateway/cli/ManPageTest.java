package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * The man page says what the commands say. With {@code -Dscopegate.docs.write} the page is brought
 * up to date instead.
 */
final class ManPageTest {
  private static final Path PAGE = Path.of("../docs/man/scopegate.1");

  @Test
  void theFileIsThatOfTheCommands() throws IOException {
    String page = ManPage.of(Main.commandLine());
    if (System.getProperty("scopegate.docs.write") != null) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page);
    }

    assertThat(Files.readString(PAGE))
        .as("bring it up to date by: mvn test -pl gateway -am -Dscopegate.docs.write")
        .isEqualTo(page);
  }

  @Test
  void everyCommandAndOptionIsThere() throws IOException {
    String page = Files.readString(PAGE).replace("\\-", "-");
    assertAllIn(page, Main.commandLine());
  }

  private static void assertAllIn(String page, CommandLine command) {
    for (CommandLine subcommand : command.getSubcommands().values()) {
      String name = subcommand.getCommandSpec().qualifiedName().replace("scopegate ", "");
      assertThat(page).containsPattern("\n\\.SS " + Pattern.quote(name));
      subcommand.getCommandSpec().options().stream()
          .flatMap(option -> List.of(option.names()).stream())
          .forEach(option -> assertThat(page).contains("\\fB" + option + "\\fR"));
      assertAllIn(page, subcommand);
    }
  }

  @Test
  void noLineIsReadAsAMacroThatIsNone() throws IOException {
    assertThat(Files.readAllLines(PAGE))
        .filteredOn(line -> line.startsWith(".") || line.startsWith("'"))
        .allMatch(line -> line.matches("\\.(\\\\\"|TH|SH|SS|TP|PP|B|BR|nf|fi)( .*)?"));
  }

  @Test
  void noVariableOfTheDescriptionsIsLeft() throws IOException {
    assertThat(Files.readString(PAGE)).doesNotContain("DEFAULT", "COMPLETION\\-CANDIDATES", "%n");
  }
}
