package io.scopegate.authz.decision;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.Key;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The file that {@code authentication.staticTokens} names.
 *
 * @param tokens the tokens that are good
 */
public record StaticTokensFile(
    @Key(doc = "The tokens that are good.", def = "[]") List<StaticToken> tokens) {

  /** Copies the list. */
  public StaticTokensFile {
    tokens = List.copyOf(tokens);
  }

  /** Reads the file; no variables are replaced in it. */
  public static Loaded<StaticTokensFile> load(Path file) {
    Loaded<StaticTokensFile> loaded =
        new ConfigLoader<>(StaticTokensFile.class, name -> null).load(file);
    loaded.partial().ifPresent(tokens -> tokens.check(loaded));
    return loaded;
  }

  private void check(Loaded<?> loaded) {
    Set<TokenHash> seen = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      KeyPath path = KeyPath.of("tokens").index(i);
      StaticToken token = tokens.get(i);
      if (token.user().isBlank()) {
        loaded.problem(path.key("user"), token.user(), "a name");
      }
      for (int g = 0; g < token.groups().size(); g++) {
        if (token.groups().get(g).isBlank()) {
          loaded.problem(path.key("groups").index(g), token.groups().get(g), "a name");
        }
      }
      if (!seen.add(token.sha256())) {
        loaded.problem(path.key("sha256"), token.sha256(), "each token once");
      }
    }
  }

  /**
   * One token.
   *
   * @param sha256 its SHA-256
   * @param user whose it is
   * @param groups the groups that the user belongs to
   */
  public record StaticToken(
      @Key(doc = "SHA-256 of the token.") TokenHash sha256,
      @Key(doc = "Name of the user whose it is.") String user,
      @Key(doc = "Groups that the user belongs to.", def = "[]") List<String> groups) {

    /** Copies the list. */
    public StaticToken {
      groups = List.copyOf(groups);
    }
  }
}
