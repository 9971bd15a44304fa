// Creates a customer with github.com/kolo/xmlrpc, which encodes and decodes, and net/http, which carries.
//
// usage: go run main.go [MEMBERS.json]
// XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest; without, this is a trusted host.
package main

import (
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/kolo/xmlrpc"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func md5Hex(parts ...string) string {
	return fmt.Sprintf("%x", md5.Sum([]byte(strings.Join(parts, ":"))))
}

// authorize answers the challenge of a 401 by RFC 7616. The first challenge is MD5's.
func authorize(request *http.Request, challenge, login, password string) {
	realm := regexp.MustCompile(`realm="([^"]*)"`).FindStringSubmatch(challenge)[1]
	nonce := regexp.MustCompile(`nonce="([^"]*)"`).FindStringSubmatch(challenge)[1]
	uri, cnonce := request.URL.RequestURI(), md5Hex(time.Now().String())
	proof := md5Hex(md5Hex(login, realm, password), nonce, "00000001", cnonce, "auth", md5Hex(request.Method, uri))
	request.Header.Set("Authorization", fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", `+
		`algorithm=MD5, qop=auth, nc=00000001, cnonce="%s", response="%s"`, login, realm, nonce, uri, cnonce, proof))
}

func main() {
	// A nil is sent as an empty string, which the service takes for nil where a member is no string.
	members := map[string]interface{}{
		"name": fmt.Sprintf("Example of Go, %d", time.Now().Unix()), "web_password": "correct7horse", "i_tariff": 1}
	if len(os.Args) > 1 {
		text, err := os.ReadFile(os.Args[1])
		check(err)
		// JSON's numbers become float64 and <double>, which the service takes for an int if there is no fraction.
		members = nil
		check(json.Unmarshal(text, &members))
	}

	request, err := xmlrpc.NewRequest(os.Getenv("XMLAPI_URL"), "createCustomer", members)
	check(err)
	response, err := http.DefaultClient.Do(request)
	check(err)
	if login := os.Getenv("XMLAPI_LOGIN"); login != "" && response.StatusCode == http.StatusUnauthorized {
		response.Body.Close()
		authorize(request, response.Header.Get("WWW-Authenticate"), login, os.Getenv("XMLAPI_PASSWORD"))
		request.Body, _ = request.GetBody()
		response, err = http.DefaultClient.Do(request)
		check(err)
	}
	body, err := io.ReadAll(response.Body)
	check(err)
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status)
	}

	if fault, ok := xmlrpc.Response(body).Err().(xmlrpc.FaultError); ok {
		fmt.Printf("fault %d: %s\n", fault.Code, fault.String)
		os.Exit(1)
	}
	var answer struct {
		ID int `xmlrpc:"i_customer"`
	}
	check(xmlrpc.Response(body).Unmarshal(&answer))
	fmt.Println("OK", answer.ID)
}
