package io.scopegate.gateway;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A blocking socket that sends and reads exactly what a test says, as a client or as an upstream.
 * No read takes longer than thirty seconds.
 */
final class Wire implements Closeable {
  private static final int PATIENCE_MILLIS = 30_000;

  final Socket socket;

  Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
  }

  /** Connects to a loopback port. */
  static Wire connect(int port) throws IOException {
    return connect(port, 0);
  }

  /** The same with a receive buffer of about this size, so that a reader that stops is felt. */
  static Wire connect(int port, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    return new Wire(socket);
  }

  /** Connects with TLS and offers one protocol. */
  static Wire connectTls(int port, SSLContext tls, String alpn, String... versions)
      throws IOException {
    return connect(port).startTls(tls, new String[] {alpn}, versions);
  }

  /** Connects with TLS and without ALPN. */
  static Wire connectTlsWithoutAlpn(int port, SSLContext tls, String... versions)
      throws IOException {
    return connect(port).startTls(tls, new String[0], versions);
  }

  /** Begins TLS on a connection as it is. */
  Wire startTls(SSLContext tls, String[] alpn, String... versions) throws IOException {
    SSLSocket secure =
        (SSLSocket)
            tls.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setApplicationProtocols(alpn);
    if (versions.length > 0) {
      parameters.setProtocols(versions);
    }
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return new Wire(secure);
  }

  Wire write(String text) throws IOException {
    return write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Wire write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Exactly so many bytes; fails when the peer closes before. */
  byte[] read(int length) throws IOException {
    byte[] bytes = socket.getInputStream().readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("closed after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  /** A line without its end; empty at the end of the stream, too. */
  String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b; (b = socket.getInputStream().read()) >= 0 && b != '\n'; ) {
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /** A head in lower case with its empty line left out; empty when the peer closed. */
  Head readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    for (String line; !(line = readLine()).isEmpty(); ) {
      head.append(line).append('\n');
    }
    return new Head(head.toString());
  }

  /** The body that this head announces. */
  byte[] readBody(Head head) throws IOException {
    if (head.has("transfer-encoding: chunked")) {
      return readChunks();
    }
    String length = head.value("content-length");
    return length.isEmpty() ? new byte[0] : read(Integer.parseInt(length));
  }

  private byte[] readChunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int n; (n = Integer.parseInt(readLine(), 16)) > 0; ) {
      body.write(read(n));
      readLine();
    }
    trailers = new StringBuilder();
    for (String line; !(line = readLine()).isEmpty(); ) {
      trailers.append(line.toLowerCase(Locale.ROOT)).append('\n');
    }
    return body.toByteArray();
  }

  /** What came after the last chunk. */
  StringBuilder trailers = new StringBuilder();

  byte[] readToEnd() throws IOException {
    return socket.getInputStream().readAllBytes();
  }

  /** Waits until the peer has closed, whatever comes before. */
  boolean isClosedByPeer() throws IOException {
    try {
      readToEnd();
      return true;
    } catch (SocketException e) {
      return true; // reset
    }
  }

  /** Closes with RST instead of FIN. */
  void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /**
   * A head of HTTP/1.1.
   *
   * @param text its lines
   */
  record Head(String text) {
    boolean has(String line) {
      return text.lines().anyMatch(l -> l.toLowerCase(Locale.ROOT).equals(line));
    }

    String first() {
      return text.lines().findFirst().orElse("");
    }

    int status() {
      String[] words = first().split(" ");
      return words.length < 2 ? 0 : Integer.parseInt(words[1]);
    }

    /** All values of a field, joined by a bar; empty when there is none. */
    String value(String name) {
      return String.join(
          "|",
          text.lines()
              .filter(l -> l.toLowerCase(Locale.ROOT).startsWith(name + ":"))
              .map(l -> l.substring(name.length() + 1).trim())
              .toList());
    }
  }
}
