package io.scopegate.e2e;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Debian's Chromium, driven by Playwright, which brings no browser of its own here. It resolves no
 * name, so that whatever it wants from elsewhere fails and is noticed.
 */
final class Browser implements AutoCloseable {
  private static final String AXE =
      """
      async () => {
        const found = await axe.run(document, {resultTypes: ['violations']});
        return found.violations
            .filter(v => v.impact === 'serious' || v.impact === 'critical')
            .map(v => v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join('; '));
      }
      """;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser chromium;

  private Browser(Playwright playwright, com.microsoft.playwright.Browser chromium) {
    this.playwright = playwright;
    this.chromium = chromium;
  }

  /** Starts it; the test is skipped where there is none. */
  static Browser start() {
    String binary = Parts.need("chromium").toString();
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    return new Browser(
        playwright,
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of(binary))
                    .setChromiumSandbox(false) // root cannot have one
                    .setArgs(
                        List.of(
                            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                            "--disable-gpu"))));
  }

  /** A window of this size with nothing remembered. */
  Window open(int width, int height, ColorScheme colors) {
    BrowserContext context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(colors)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setPermissions(List.of("clipboard-read", "clipboard-write")));
    return new Window(context);
  }

  @Override
  public void close() {
    chromium.close();
    playwright.close();
  }

  /** A window, and all that it asked for and complained about. */
  static final class Window implements AutoCloseable {
    private final BrowserContext context;
    private final Page page;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private Window(BrowserContext context) {
      this.context = context;
      context.onRequest(request -> requests.add(request.url()));
      this.page = context.newPage();
      page.onConsoleMessage(message -> {
        if (message.type().equals("error")) {
          complaints.add(message.text());
        }
      });
      page.onPageError(complaints::add);
      page.onDialog(dialog -> {
        complaints.add("dialog: " + dialog.message());
        dialog.dismiss();
      });
      page.setDefaultTimeout(20_000);
    }

    Page page() {
      return page;
    }

    /** The URLs of everything that was asked for. */
    List<String> requests() {
      return requests;
    }

    /** Errors of scripts, breaches of the page's policy, dialogs. */
    List<String> complaints() {
      return complaints;
    }

    /** What axe calls serious or critical. */
    List<?> barriers() {
      page.evaluate(axe());
      return (List<?>) page.evaluate(AXE);
    }

    private static String axe() {
      try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      context.close();
    }
  }
}
