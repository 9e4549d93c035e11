package io.scopegate.e2e;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection in clear text that asks again and again, and costs next to nothing: a client whose
 * own work would not be seen in a measurement.
 */
public final class KeptAlive implements Closeable {
  private static final int PATIENCE_MILLIS = 30_000;

  private final Socket socket;
  private final InputStream in;

  private KeptAlive(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  public static KeptAlive connect(int port) throws IOException {
    return new KeptAlive(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** A search for a tenant with a token. */
  public static byte[] search(String token, String tenant) {
    return get(
        "/api/search", "Authorization: Bearer " + token + "\r\nX-Scope-OrgID: " + tenant + "\r\n");
  }

  /** A GET with these lines. */
  public static byte[] get(String path, String lines) {
    String head = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + lines + "\r\n";
    return head.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A POST of so many bytes of OTLP, which nobody looks into. */
  static byte[] export(String token, String tenant, int bytes) {
    String head =
        "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + token
            + "\r\nX-Scope-OrgID: "
            + tenant
            + "\r\nContent-Type: application/x-protobuf\r\nContent-Length: "
            + bytes
            + "\r\n\r\n";
    return (head + "x".repeat(bytes)).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Sends a request and never reads the answer. */
  public void send(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
  }

  /** Sends a request and reads the answer, which has to say its length. */
  public int status(byte[] request) throws IOException {
    send(request);
    int status = Integer.parseInt(line().split(" ")[1]);
    long length = 0;
    for (String line; !(line = line()).isEmpty(); ) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring("content-length:".length()).trim());
      }
    }
    in.skipNBytes(length);
    return status;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c; (c = in.read()) != '\n'; ) {
      if (c < 0) {
        throw new EOFException("the gateway has closed");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
